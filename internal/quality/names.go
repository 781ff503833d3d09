package quality

import (
	"regexp"
	"slices"
	"strings"
)

// others are the models that an identity may be taken for, in lower case. Those
// that are also words or names of people count only where they are written as
// names.
var others = []string{
	"chatgpt", "gpt", "gpt-3", "gpt-3.5", "gpt-4", "gpt-4o", "gpt-5", "gpt-oss", "claude", "gemini", "gemma", "bard", "copilot",
	"llama", "qwen", "qwq", "tongyi", "tongyi qianwen", "通义千问", "deepseek", "deep seek", "mistral", "mixtral", "grok", "kimi", "glm",
	"chatglm", "ernie bot", "文心一言", "doubao", "豆包", "minimax", "command r", "phi-3", "phi-4", "olmo", "hermes", "nemotron",
	"智谱清言",
}

// makers are who made them.
var companies = []string{
	"openai", "open ai", "anthropic", "google", "google deepmind", "deepmind", "meta", "meta ai", "alibaba", "alibaba cloud", "阿里巴巴",
	"阿里云", "deepseek", "深度求索", "mistral ai", "xai", "moonshot", "moonshot ai", "月之暗面", "microsoft", "zhipu", "zhipu ai", "z.ai",
	"智谱", "baidu", "百度", "bytedance", "字节跳动", "cohere", "nvidia", "allen institute", "nous research", "amazon", "tencent",
}

// capitals are names that mean something else when they are not written large.
var capitals = []string{"claude", "gemini", "bard", "copilot", "llama", "grok", "kimi", "hermes", "meta", "mistral", "minimax"}

// matcher finds any of names as whole words, in text in lower case.
func matcher(names []string) gated {
	var wide, plain []string
	for _, n := range names {
		if n[0] < 0x80 {
			plain = append(plain, regexp.QuoteMeta(n))
		} else {
			wide = append(wide, n)
		}
	}
	longest := func(a, b string) int { return len(b) - len(a) } // first, since the first that fits is taken
	slices.SortFunc(plain, longest)
	pattern := `\b(?:` + strings.Join(plain, "|") + `)\b`
	if len(wide) > 0 {
		pattern += `|` + strings.Join(wide, "|")
	}
	return gate(pattern, names...)
}

var (
	otherModel = matcher(others)
	company    = matcher(companies)
)

// called finds the identity by its names; nil where they are not known.
func called(names []string) *gated {
	var known []string
	for _, n := range names {
		if n = strings.TrimSpace(lower(straight(n))); n != "" {
			known = append(known, n)
		}
	}
	if len(known) == 0 {
		return nil
	}
	is := matcher(known)
	return &is
}
