package engine

import (
	"io"
	"os"
	"path/filepath"

	"github.com/identity-shaping/isf/graph"
)

// outputs are the files that one run writes before it is known what becomes
// of them.
type outputs struct{ rows, errs, table, uses *graph.Pending }

// sweep removes what a killed build of t left half-written. The target's lock
// is held.
func (e *Engine) sweep(t *graph.Target) error {
	for _, path := range []string{t.Output, graph.ValidationPath(t.Output), t.Errors, graph.ManifestPath(t.Output), tablePath(t.Name), attemptPath(t.Name), pendingUses(t.Name)} {
		if path == "" {
			continue
		}
		if err := graph.Sweep(e.project.Files, path); err != nil {
			return err
		}
	}
	return nil
}

// create opens the files of a run.
func (e *Engine) create(t *graph.Target) (o outputs, err error) {
	files := e.project.Files
	if o.rows, err = graph.Create(files, t.Output); err == nil {
		if o.errs, err = graph.Create(files, t.Errors); err == nil {
			if o.table, err = createState(files, tablePath(t.Name)); err == nil {
				o.uses, err = createState(files, pendingUses(t.Name))
			}
		}
	}
	if err != nil {
		o.discard()
	}
	return o, err
}

func createState(files *os.Root, name string) (*graph.Pending, error) {
	p, err := graph.Create(files, name)
	if err != nil {
		return nil, stateError(err)
	}
	return p, nil
}

func (o outputs) discard() {
	for _, p := range []*graph.Pending{o.rows, o.errs, o.table, o.uses} {
		if p != nil {
			p.Discard()
		}
	}
}

// export copies the rows to where -o says: relative to the project's root, or
// anywhere if the path is absolute.
func (e *Engine) export(rows *graph.Pending, to string) error {
	if !filepath.IsAbs(to) {
		to = filepath.Join(e.project.Root, to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	dir, err := os.OpenRoot(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer dir.Close()
	return graph.WriteFile(dir, filepath.Base(to), func(w io.Writer) error { return copyPending(w, rows) })
}
