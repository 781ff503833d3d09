package dispatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/cache"
)

// An answer is what a reply says, in our words.
type answer struct {
	text, reasoning, finish, model string
	usage                          cache.Usage
	cost                           int64 // nano-USD
	costKnown                      bool
}

// notAnswer says why a reply with a good status holds no answer.
type notAnswer struct {
	kind   string // as in Failed.Type
	status int    // that the reply itself names, 0 if none
	reason reason
}

func (n *notAnswer) Error() string { return n.reason.message }

// wireReply is as much of a chat completion as we read. Names that differ between providers stand side by side.
type wireReply struct {
	Model   loose           `json:"model"`
	Error   json.RawMessage `json:"error"`
	Usage   json.RawMessage `json:"usage"`
	Choices []struct {
		Finish  loose           `json:"finish_reason"`
		Error   json.RawMessage `json:"error"`
		Message struct {
			Content          wireContent     `json:"content"`
			Reasoning        loose           `json:"reasoning"`
			ReasoningContent loose           `json:"reasoning_content"`
			Refusal          loose           `json:"refusal"`
			ToolCalls        json.RawMessage `json:"tool_calls"`
		} `json:"message"`
	} `json:"choices"`
}

type wireUsage struct {
	Prompt        int64 `json:"prompt_tokens"`
	Completion    int64 `json:"completion_tokens"`
	PromptDetails struct {
		Cached int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		Reasoning int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
	CacheHit int64       `json:"prompt_cache_hit_tokens"` // DeepSeek's name
	Cached   int64       `json:"cached_tokens"`           // Moonshot's
	Cost     json.Number `json:"cost"`                    // OpenRouter's, in USD
}

// readReply reads a reply with a good status.
func readReply(raw []byte) (*answer, *notAnswer) {
	var r wireReply
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, &notAnswer{kind: "bad_reply", reason: reason{message: fmt.Sprintf("the reply is not a chat completion (%v): %s", err, excerpt(raw))}}
	}
	if n := errorIn(r.Error); n != nil {
		return nil, n
	}
	if len(r.Choices) == 0 {
		return nil, &notAnswer{kind: "no_choices", reason: reason{message: "the reply has no choices: " + excerpt(raw)}}
	}
	c := &r.Choices[0]
	if n := errorIn(c.Error); n != nil {
		return nil, n
	}
	a := &answer{model: string(r.Model), finish: string(c.Finish)}
	m := &c.Message
	a.reasoning = firstSet(string(m.Reasoning), string(m.ReasoningContent), m.Content.thinking)
	a.text = assemble(m.Content, string(m.Reasoning), string(m.ReasoningContent))
	if a.text == "" {
		a.text = string(m.Refusal)
	}
	hasCalls := len(m.ToolCalls) > 2 && !isNull(m.ToolCalls)
	if a.text == "" && a.finish == "" && !hasCalls {
		return nil, &notAnswer{kind: "empty_reply", reason: reason{message: "the reply is empty and gives no finish reason"}}
	}
	a.count(r.Usage)
	return a, nil
}

// assemble puts reasoning that came beside the content in front of it.
func assemble(c wireContent, reasoning ...string) string {
	if strings.Contains(c.text, thinkOpen) {
		return c.text
	}
	if r := firstSet(reasoning...); r != "" {
		return thinkOpen + r + thinkClose + "\n" + c.text
	}
	return c.text
}

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

func firstSet(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

// count reads the usage. An answer is one even where its usage makes no sense.
func (a *answer) count(raw json.RawMessage) {
	var u wireUsage
	if isNull(raw) || json.Unmarshal(raw, &u) != nil {
		return
	}
	a.usage = cache.Usage{
		Known: true, Prompt: u.Prompt, Completion: u.Completion, Reasoning: u.CompletionDetails.Reasoning,
		CachedPrompt: max(u.PromptDetails.Cached, u.CacheHit, u.Cached),
	}
	a.cost, a.costKnown = nanoUSD(string(u.Cost))
}

// nanoUSD reads an amount without the rounding of floats.
func nanoUSD(usd string) (int64, bool) {
	x, err := strconv.ParseFloat(usd, 64)
	if err != nil || !(x >= 0 && x < 1e9) || len(usd) > 40 {
		return 0, false
	}
	if x < 1e-12 {
		return 0, true
	}
	r, ok := new(big.Rat).SetString(usd)
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(1_000_000_000, 1)).Add(r, big.NewRat(1, 2))
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64(), true
}
