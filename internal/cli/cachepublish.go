package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) cachePublishCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "publish [TARGET…]",
		Short: "Put answers where others of the project find them",
		Long: `Write the answers that are not there yet, or those of them that the last runs of
the named targets used, into the folder that isf.yaml names:

  cache: {share: ../answers}

It may be a mounted disk, a bucket, or a folder in git LFS. Every checkout with
that line looks there for what its own cache does not have, and keeps what it
finds. A published file never changes, so any number may publish and read at once.`,
		Example: `  isf cache publish
  isf cache publish facts`,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.in(nil, func(w *workspace) error { return a.runCachePublish(w, args) })
		},
	}
}

func (a *app) runCachePublish(w *workspace, patterns []string) error {
	dir := w.Share()
	if dir == "" {
		return errors.New("isf.yaml does not say where to: give it a line such as  cache: {share: ../answers}")
	}
	used, err := w.usedBy(patterns)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the share cannot be made: %w", err)
	}
	s, err := a.store(w, cache.Options{ReadOnly: true, Share: dir})
	if err != nil {
		return err
	}
	defer s.Close()
	want := func(e cache.Summary) bool { return used(e) && !s.Shared(e.Ref) }
	path := ""
	packed, err := writePack(s, dir, want, func(p cache.Packed) string {
		if p.Entries > 0 {
			path = filepath.Join(dir, p.Digest.String()+cache.PackSuffix)
		}
		return path
	})
	switch {
	case err != nil:
		return err
	case path == "":
		fmt.Fprintln(a.out, "Nothing to publish: the share has it all.")
		return nil
	}
	fmt.Fprintf(a.out, "published %s, %s, as %s\n", count(packed.Entries, "answer"), term.Bytes(packed.Bytes), safe(filepath.Base(path)))
	return os.Chmod(path, sharedMode)
}

// sharedMode lets others read what is published, and nobody change it.
const sharedMode = 0o444
