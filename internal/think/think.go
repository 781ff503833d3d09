// Package think reads the reasoning that models put between <think> and
// </think> in front of an answer.
//
// Tags are literal and case-sensitive. Two checks exist because two readers
// differ: Lenient judges what a model just said, where no tags at all are
// fine; Strict judges what a model will be trained on.
package think

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	open  = "<think>"
	close = "</think>"
)

// Strip returns text without its thinking: every complete pair goes, with the
// white space behind it; then, if a closing tag is left over without an
// opening one, everything through the first; then stray tags. The rest is
// trimmed.
func Strip(text string) string {
	var b strings.Builder
	for {
		from := strings.Index(text, open)
		if from < 0 {
			break
		}
		to := strings.Index(text[from:], close)
		if to < 0 {
			break
		}
		b.WriteString(text[:from])
		text = strings.TrimLeftFunc(text[from+to+len(close):], unicode.IsSpace)
	}
	b.WriteString(text)
	rest := b.String()
	if !strings.Contains(rest, open) {
		if _, after, found := strings.Cut(rest, close); found {
			rest = after
		}
	}
	rest = strings.ReplaceAll(rest, open, "")
	rest = strings.ReplaceAll(rest, close, "")
	return strings.TrimSpace(rest)
}

// Extract returns what stands in the first pair of tags and what is left
// without that pair, both trimmed. Without a pair it returns "" and the
// trimmed text.
func Extract(text string) (thinking, rest string) {
	from := strings.Index(text, open)
	if from < 0 {
		return "", strings.TrimSpace(text)
	}
	to := strings.Index(text[from:], close)
	if to < 0 {
		return "", strings.TrimSpace(text)
	}
	to += from
	rest = text[:from] + text[to+len(close):]
	return strings.TrimSpace(text[from+len(open) : to]), strings.TrimSpace(rest)
}

// Has tells whether there is a tag in text.
func Has(text string) bool { return strings.Contains(text, open) || strings.Contains(text, close) }

// Lenient returns what is wrong with the tags of a model's reply, or "". No
// tags are fine, and so is one ordered pair.
func Lenient(text string) string {
	opens, closes := strings.Count(text, open), strings.Count(text, close)
	switch {
	case opens == 0 && closes == 0:
		return ""
	case opens == 0:
		return "orphaned_close_tags"
	case opens > 1:
		return fmt.Sprintf("multiple_open_tags_%d", opens)
	case closes == 0:
		return "unclosed_think_tag"
	case closes > 1:
		return "extra_close_tags"
	case strings.Index(text, close) < strings.Index(text, open):
		return "think_tags_wrong_order"
	}
	return ""
}

// Strict returns what keeps text from being trained on as thinking followed by
// an answer, or "".
func Strict(text string) string {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, open) {
		return "missing_think_tag"
	}
	if n := strings.Count(text, open); n > 1 {
		return fmt.Sprintf("multiple_open_tags_%d", n)
	}
	closes := strings.Count(text, close)
	if closes == 0 {
		return "unclosed_think_tag"
	}
	if closes > 1 {
		return fmt.Sprintf("multiple_close_tags_%d", closes)
	}
	thinking, rest, _ := strings.Cut(text[len(open):], close)
	if strings.TrimSpace(thinking) == "" {
		return "empty_thinking"
	}
	if strings.TrimSpace(rest) == "" {
		return "empty_response"
	}
	return ""
}
