package quality

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// A named finds names as whole words, in text in lower case. Looking for each
// name is much faster than a pattern of all.
type named struct{ names []string }

// findAll returns the places of all names, in order. Of names that overlap the
// longest counts.
func (n *named) findAll(low string) [][]int {
	var all [][]int
	for _, name := range n.names {
		for from := 0; ; {
			i := strings.Index(low[from:], name)
			if i < 0 {
				break
			}
			at := []int{from + i, from + i + len(name)}
			if whole(low, at) {
				all = append(all, at)
			}
			from = at[1]
		}
	}
	slices.SortFunc(all, func(a, b []int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(b[1], a[1])) })
	return slices.CompactFunc(all, func(a, b []int) bool { return b[0] < a[1] })
}

// in reports whether a text holds one of the names.
func (n *named) in(low string) bool { return len(n.findAll(low)) > 0 }

// whole reports whether a name is a word of its own. Chinese ones have no edges.
func whole(text string, at []int) bool {
	if text[at[0]] >= 0x80 {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
	after, _ := utf8.DecodeRuneInString(text[at[1]:])
	letter := func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_' }
	return !letter(before) && !letter(after)
}

// pattern is a pattern of the names, for use in a larger one.
func (n *named) pattern() string {
	var quoted []string
	for _, name := range n.names {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return strings.Join(quoted, "|")
}

var (
	otherModel = named{others}
	company    = named{companies}
)

// called finds the identity by its names; nil where they are not known.
func called(names []string) *named {
	var known []string
	for _, n := range names {
		if n = strings.TrimSpace(lower(straight(n))); n != "" {
			known = append(known, n)
		}
	}
	if len(known) == 0 {
		return nil
	}
	return &named{known}
}
