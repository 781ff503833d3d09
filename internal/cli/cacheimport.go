package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
)

// importReport is what an import did, in the shape that scripts may rely on.
type importReport struct {
	Pack    string `json:"pack"` // digest, which every answer keeps
	New     int    `json:"new"`
	Known   int    `json:"known"`
	Refused int    `json:"refused"`
	Why     string `json:"why,omitempty"` // of the first refusal
}

func (a *app) cacheImportCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take the answers that another checkout exported",
		Long: `Take the answers of a file that isf cache export wrote, as far as they are not
here. An answer that is here stays as it is. A file that was cut or changed is
refused whole. The key of each answer is computed again from what it says was
asked, and each keeps the digest of the file it came in; that the answer is what
the model said is something only the file's author can know.`,
		Example: `  isf cache import answers.isfpack
  isf build --offline`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runCacheImport(w, args[0], asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runCacheImport(w *workspace, file string, asJSON bool) (err error) {
	p, err := cache.OpenPack(file)
	if err != nil {
		return err
	}
	defer p.Close()
	s, err := a.store(w, cache.Options{})
	if err != nil {
		return err
	}
	got, err := s.Import(p)
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	report := importReport{Pack: p.Digest.String(), New: got.New, Known: got.Known, Refused: got.Refused}
	if got.Why != nil {
		report.Why = got.Why.Error()
	}
	if asJSON {
		err = writeJSON(a.out, report)
	} else {
		fmt.Fprintf(a.out, "%s: %s new, %d known already\n", safe(file), count(got.New, "answer"), got.Known)
	}
	if err == nil && got.Refused > 0 {
		return fmt.Errorf("%s of %s refused; the first: %w", count(got.Refused, "answer"), file, got.Why)
	}
	return err
}
