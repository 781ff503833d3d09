package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// whyReason is one reason of `why --json`.
type whyReason struct {
	Reason string   `json:"reason"`
	Input  string   `json:"input,omitempty"`
	Detail string   `json:"detail,omitempty"`
	Cause  []string `json:"cause,omitempty"`
}

func (a *app) whyCommand() *cobra.Command {
	var asJSON, keys bool
	c := &cobra.Command{
		Use:   "why TARGET[:RECORD]",
		Short: "Say why a target is not current, or why a record must be asked again",
		Long: `Say why a target is in the state it is in. The reasons come from the same
description of the inputs that decides the state; a change that came through
other targets is followed to where it began, down to the sentence in a document.

With a record: for each of its requests whether the cache answers it, and if
not, what differs from what the last build asked in its place, or, of a record
that is new, from the nearest request of another record. --key prints
every byte that enters the keys.`,
		Example: `  isf why identity-augmentation
  isf why training/data/facts --json
  isf why behaviour:p-016201994c --key
  isf why behaviour:p-016201994c --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error {
				if target, id, found := strings.Cut(args[0], ":"); found {
					return a.whyRecord(c.Context(), w, target, id, keys, asJSON)
				}
				return a.runWhy(w, args[0], asJSON)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&keys, "key", false, "print what the keys of a record's requests are made of")
	return c
}

func (a *app) runWhy(w *workspace, name string, asJSON bool) error {
	statuses, err := w.statuses([]string{name})
	if err != nil {
		return err
	}
	if len(statuses) != 1 {
		return engine.Usagef("why takes one target, and %q names %d", name, len(statuses))
	}
	s := statuses[0]
	why, err := w.Explain(s, w.reader)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.out, whyReport(s, why))
	}
	fmt.Fprintf(a.out, "%s is %s\n", s.Target.Name, s.State)
	if s.State == graph.Current {
		fmt.Fprintf(a.out, "  every input equals the one it was made from: %s\n", count(len(s.Parts), "input"))
	}
	if s.Manifest != nil {
		for _, k := range s.Manifest.Kept {
			fmt.Fprintf(a.out, "  %s: answers from before an edit of '%s' were kept: %s\n", count(k.Records, "record"), k.Input, safe(k.Reason))
		}
	}
	printReasons(a.out, why.Reasons)
	printTexts(a.out, why.Texts)
	return a.whyPrompts(w, s, why.Texts)
}

func whyReport(s graph.Status, why engine.Explanation) map[string]any {
	reasons, texts := []whyReason{}, []changedText{}
	for _, r := range why.Reasons {
		reasons = append(reasons, whyReason{r.Text, r.Input, r.Detail, r.Cause})
	}
	for _, t := range why.Texts {
		one := changedText{ChangedText: t}
		if t.Known {
			one.Hunks = hunksOf(t)
		}
		texts = append(texts, one)
	}
	return map[string]any{"name": s.Target.Name, "state": s.State, "reasons": reasons, "texts": texts}
}
