package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// verifyReport is what verify saw, in the shape that scripts may rely on.
type verifyReport struct {
	Entries     int            `json:"entries"` // that are as they should be
	Newer       int            `json:"newer"`   // that only a newer isf can read
	Orphans     int            `json:"orphans"`
	OrphanBytes int64          `json:"orphan_bytes"`
	Aside       []string       `json:"put_aside"`
	Counts      map[string]int `json:"counts"` // findings by kind
	Findings    []finding      `json:"findings"`

	Resample *engine.Resampled `json:"resample,omitempty"` // with --resample
}

type finding struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Text string `json:"text"`
}

// mostFindings are listed; all are counted.
const mostFindings = 100

func (a *app) cacheVerifyCommand() *cobra.Command {
	var o resampleOptions
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Read every answer, and say what is damaged",
		Long: `Read every answer and compute every checksum, key and digest again. It changes
nothing and works while a build runs. Exit code 1 if something is wrong.

What is damaged counts as never asked: the next build that needs it asks again,
and what it stores takes the damaged one's place. If cache.db cannot be read as a
whole, the next build saves the answers out of it and puts the file aside.

Orphans are long texts that no answer needs any more: isf cache gc removes them.

With --resample N, N of the stored requests, spread over all of them, are sent
once more to the models that answered them, and each new answer is compared with
the stored one: is the text the same, and if not, how much of it, word by word;
did it end for the same reason; did the same model answer. This costs what N
requests cost. The new answers are kept nowhere: what was built stays as it was
built. Above temperature 0 a model words things differently each time; what tells
is the share that changes from one month to the next, and a model_resolved that
is another. isf reroll is what replaces an answer.`,
		Example: `  isf cache verify
  isf cache verify --json
  isf cache verify --resample 20 --max-cost 0.50`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(c.Flags().Changed); err != nil {
				return err
			}
			return a.in(nil, func(w *workspace) error { return a.runCacheVerify(c.Context(), w, o, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	o.flags(c.Flags())
	return c
}

func (a *app) runCacheVerify(ctx context.Context, w *workspace, o resampleOptions, asJSON bool) error {
	s, err := a.store(w, cache.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	r := verifyReport{Aside: []string{}, Counts: map[string]int{}, Findings: []finding{}}
	v, err := s.Verify(r.note)
	if err != nil {
		return err
	}
	r.Entries, r.Newer, r.Orphans, r.OrphanBytes = v.Entries, v.Newer, v.Orphans, v.OrphanBytes
	for _, path := range v.Aside {
		r.Aside = append(r.Aside, filepath.Base(path))
	}
	slices.SortFunc(r.Findings, func(a, b finding) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	if o.Number > 0 {
		r.Resample, err = w.Resample(ctx, s, o.Resampling)
	}
	if asJSON {
		if jerr := writeJSON(a.out, r); jerr != nil {
			return jerr
		}
	} else {
		a.printVerify(r)
	}
	if err != nil {
		return a.tellStopped(err)
	}
	if len(r.Findings) > 0 || r.Resample.Unanswered() > 0 {
		return errTold
	}
	return nil
}

func (r *verifyReport) note(f cache.Finding) {
	r.Counts[f.Kind]++
	if len(r.Findings) < mostFindings {
		r.Findings = append(r.Findings, finding{f.Kind, f.Name, f.Text})
	}
}

func (a *app) printVerify(r verifyReport) {
	fmt.Fprintf(a.out, "%s whole\n", are(r.Entries, "answer"))
	if r.Newer > 0 {
		fmt.Fprintf(a.out, "%s of a newer isf: update isf to read what it wrote\n", count(r.Newer, "answer"))
	}
	if r.Orphans > 0 {
		fmt.Fprintf(a.out, "%s of %s that no answer needs: isf cache gc removes them\n", count(r.Orphans, "text"), term.Bytes(r.OrphanBytes))
	}
	for _, name := range r.Aside {
		fmt.Fprintf(a.out, "%s was damaged; its answers have been saved, and it may be deleted\n", name)
	}
	total := 0
	for _, n := range r.Counts {
		total += n
	}
	for _, f := range r.Findings {
		fmt.Fprintf(a.out, "%s %s: %s\n", f.Kind, f.Name, f.Text)
	}
	if total > len(r.Findings) {
		fmt.Fprintf(a.out, "… and %d more\n", total-len(r.Findings))
	}
	if total > 0 {
		fmt.Fprintf(a.out, "%s wrong: the next build that needs one asks it again\n", are(total, "thing"))
	}
	if r.Resample != nil {
		printResampled(a.out, r.Resample)
	}
}
