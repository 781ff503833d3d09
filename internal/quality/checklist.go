package quality

import (
	"fmt"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/internal/term"
)

// An Item is a line of what to tick off before training.
type Item struct {
	Name string `json:"name"`
	Done bool   `json:"done"`
	Text string `json:"text"`
}

// items are the lines that the checks decide, with the checks that do.
var items = []struct {
	name   string
	checks []string
	good   string
}{
	{"volume", []string{"volume"}, "as much as is advised"},
	{"voice", []string{"voice", "leak", "name", "system-prompt", "context", "assertions"}, "it speaks as itself"},
	{"no garbage", []string{unreadable, "roles", "empty", "error-text", "truncated", "repeated", "thinking", "language"}, "nothing broken"},
	{"reviewed", nil, ""},
	{"diversity", []string{"duplicate-answers", "duplicate-prompts", "openings", "phrases", "diversity"}, "not too much alike"},
}

// checklist is what the findings say about readiness for training.
func checklist(r *Report, o *Options) []Item {
	var list []Item
	for _, item := range items {
		if item.name == "reviewed" {
			list = append(list, r.reviews(o))
			continue
		}
		var open []string
		for _, f := range r.Findings {
			if f.Severity != Note && slices.Contains(item.checks, f.Check) && !slices.Contains(open, f.Check) {
				open = append(open, f.Check)
			}
		}
		done := Item{Name: item.name, Done: len(open) == 0, Text: item.good}
		if len(open) > 0 {
			done.Text = "see " + strings.Join(open, ", ")
		}
		list = append(list, done)
	}
	return list
}

// reviews says whether people have looked at enough rows, and liked them.
func (r *Report) reviews(o *Options) Item {
	want := min(o.Limits.MinReviewed, r.Samples)
	text := fmt.Sprintf("%s of %s judged, %s bad", term.Count(int64(r.reviewed)), count(r.Samples, "row"), term.Count(int64(r.disliked)))
	switch {
	case r.reviewed < want:
		text += fmt.Sprintf("; isf review %s for %d or more", shellWord(o.Name), want)
	case r.disliked > 0:
		text += "; leave the bad ones out or make them again"
	}
	return Item{"reviewed", r.reviewed >= want && r.disliked == 0, text}
}
