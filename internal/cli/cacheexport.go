package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) cacheExportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "export FILE [TARGET…]",
		Short: "Write answers into a file that another checkout can import",
		Long: `Write answers into one file: all of them, or those that the last run of each
named target used. The file is checksummed, holds no API key, and is the same
bytes for the same answers. Another checkout that imports it builds the targets
with nothing sent: a CI runs isf cache import and isf build --offline.

The file holds what was asked and answered in full: treat it like the data.`,
		Example: `  isf cache export answers.isfpack
  isf cache export facts.isfpack facts
  isf cache import facts.isfpack && isf build facts --offline   # elsewhere`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runCacheExport(w, args[0], args[1:]) })
		},
	}
}

func (a *app) runCacheExport(w *workspace, file string, patterns []string) error {
	want, err := w.usedBy(patterns)
	if err != nil {
		return err
	}
	s, err := a.store(w, cache.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	packed, err := writePack(s, filepath.Dir(file), want, func(cache.Packed) string { return file })
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s, %s, pack %.16s\n", safe(file), count(packed.Entries, "answer"), term.Bytes(packed.Bytes), packed.Digest)
	return nil
}

// usedBy chooses the answers that the last runs of targets used; all answers if
// no target is named.
func (w *workspace) usedBy(patterns []string) (func(cache.Summary) bool, error) {
	if len(patterns) == 0 {
		return func(cache.Summary) bool { return true }, nil
	}
	targets, err := w.Graph.Select(patterns)
	if err != nil {
		return nil, engine.Usagef("%w", err)
	}
	var names []string
	for _, t := range targets {
		if t.Pipeline != "" {
			names = append(names, t.Name)
		}
	}
	if err := w.KnownUses(targets); err != nil {
		return nil, err
	}
	users, err := w.Users(names, 1)
	if err != nil {
		return nil, err
	}
	return func(e cache.Summary) bool { return len(users.Of(e.Ref.Key)) > 0 }, nil
}

// writePack writes a pack into dir, whole or not at all, under the name that it
// gets once it is known what is in it. Without a name it goes again.
func writePack(s *cache.Store, dir string, want func(cache.Summary) bool, name func(cache.Packed) string) (packed cache.Packed, err error) {
	f, err := os.CreateTemp(dir, ".isfpack-*.isf-tmp")
	if errors.Is(err, fs.ErrNotExist) {
		return packed, fmt.Errorf("there is no folder %s: make it first", dir)
	}
	if err != nil {
		return packed, err
	}
	defer os.Remove(f.Name()) // is gone by then, if all went well
	packed, err = s.Export(f, want)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return packed, err
	}
	if to := name(packed); to != "" {
		return packed, os.Rename(f.Name(), to)
	}
	return packed, nil
}
