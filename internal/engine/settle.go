package engine

import (
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/identity-shaping/isf/graph"
)

// settle decides what the rows of a run become: the target's output, a partial
// file beside it, or nothing that counts.
func (e *Engine) settle(b *Build, t *graph.Target, status graph.Status, w *writer, out outputs, err error) Result {
	r := Result{Target: t, State: status.State, Counts: w.Counts, tally: &b.tally, spending: &b.spending, Err: err}
	if err != nil {
		r.Extent = b.extent()
		return e.lose(b, t, status, w, out, r)
	}
	partial := b.cut.Load() || w.Lost > 0
	whole := status.Manifest != nil && !status.Manifest.Partial && status.State != graph.Missing
	switch {
	case e.opts.Output != "":
		r.Output, r.Err = e.opts.Output, e.export(out.rows, e.opts.Output)
	case partial && whole:
		r.Output = PartialPath(t.Output)
		r.Err = out.rows.Commit(r.Output)
		if w.Lost > 0 && !b.cut.Load() {
			r.Err = lostError(w.Lost)
		}
	default:
		r.Output, r.Err = t.Output, e.commit(b, t, status, w, out, partial)
		r.State, r.Notes = graph.Current, append(r.Notes, b.stable.notes()...)
		if partial {
			r.State = graph.Partial
		}
	}
	return r
}

// commit puts a run in place: error rows, output, manifest, in this order, so
// that a manifest never speaks of rows that are not there.
func (e *Engine) commit(b *Build, t *graph.Target, status graph.Status, w *writer, out outputs, partial bool) error {
	if err := b.stable.write(e.project.Files, w.Rows, !partial && w.Failed == 0, e.writeText); err != nil {
		return err
	}
	m := &graph.Manifest{
		Kind: t.Kind, Pipeline: t.Pipeline, Parts: e.asRead(t, status.Parts),
		Records: w.Rows, Errors: w.Failed, Skipped: w.Skipped, Dropped: w.Dropped, Partial: partial,
		Output: graph.OutputDigest{Digest: hexSum(w.digest), Content: hexSum(w.content)},
	}
	m.Kept = b.decisions.counted(w.Kept)
	if w.Failed > 0 {
		m.ErrorsOutput = hexSum(w.errDigest)
	}
	if err := e.project.notePlacing(t.Name, m.Output.Digest); err != nil {
		return stateError(err)
	}
	if old := status.Manifest; old != nil && old.Output.Content != m.Output.Content {
		e.keepEdition(t, old)
	}
	if err := e.placeErrors(t, w.Failed > 0, out); err != nil {
		return err
	}
	if err := out.rows.Commit(t.Output); err != nil {
		return err
	}
	if err := e.writeManifest(t, m); err != nil {
		return err
	}
	e.keepMade(t, m.Output.Content)
	if err := out.table.Commit(tablePath(t.Name)); err == nil && !partial {
		_ = e.project.keepHistory(t.Name, history{Rows: int64(w.Rows), Records: b.progress.started.Load(), Stages: b.spending.stages}) // estimates only
	}
	e.project.forgetAttempt(t.Name)
	return nil
}

func (e *Engine) writeManifest(t *graph.Target, m *graph.Manifest) error {
	text, err := m.Encode()
	if err != nil {
		return err
	}
	if err := e.writeText(graph.ManifestPath(t.Output), text); err != nil {
		return err
	}
	e.keepTexts(t, m.Parts)
	return nil
}

func (e *Engine) writeText(name string, text []byte) error {
	return graph.WriteFile(e.project.Files, name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// asRead describes the inputs as the run read them. One that changed while the
// run went on may have been read before or after, so its part equals nothing
// and the target comes out stale.
func (e *Engine) asRead(t *graph.Target, before []graph.Part) []graph.Part {
	after, err := graph.Parts(t, e.reader)
	out := make([]graph.Part, len(before))
	copy(out, before)
	for i := range out {
		if err == nil && before[i].Type == graph.TypeFile && before[i].Attr == lockAttr {
			out[i] = after[i] // this build wrote it, and a build from it as it is now makes the same
			continue
		}
		if err != nil || graph.Digest(before[i:i+1]) != graph.Digest(after[i:i+1]) {
			out[i].Digest = "changed during the build"
		}
	}
	return out
}

func (e *Engine) placeErrors(t *graph.Target, any bool, out outputs) error {
	if any {
		return out.errs.Commit(t.Errors)
	}
	if _, err := e.project.Files.Stat(t.Errors); err != nil {
		return nil
	}
	return e.project.Files.Remove(t.Errors)
}

// lose ends a run that counts for nothing. What it made stays readable under
// .isf/failed, and what was answered stays in the cache.
func (e *Engine) lose(b *Build, t *graph.Target, status graph.Status, w *writer, out outputs, r Result) Result {
	if !hopeless(r.Err) {
		return r
	}
	r.State = graph.Failed
	if err := e.project.noteFailure(t.Name, graph.Digest(status.Parts), r.Err.Error()); err != nil {
		return r
	}
	if b.Err() != nil { // the records are not to blame
		r.Counts = Counts{}
		return r
	}
	if err := e.keepFailed(t, out); err == nil {
		r.Errors = FailedPath(t)
	}
	if status.Manifest == nil && out.errs.Commit(t.Errors) == nil {
		r.Errors = t.Errors
	}
	return r
}

// keepFailed keeps all rows of a run that failed: of the records that failed,
// then of those that did not.
func (e *Engine) keepFailed(t *graph.Target, out outputs) error {
	name := FailedPath(t)
	if err := e.project.Files.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return graph.WriteFile(e.project.Files, name, func(w io.Writer) error {
		for _, p := range []*graph.Pending{out.errs, out.rows} {
			if err := copyPending(w, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func copyPending(w io.Writer, p *graph.Pending) error {
	if err := p.Seal(); err != nil {
		return err
	}
	in, err := p.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(w, in)
	return err
}

// FailedPath is where the rows of a run lie that failed as a whole. Where there
// was no output, those of its records that failed are the target's error rows
// too.
func FailedPath(t *graph.Target) string {
	return path.Join(StateDir, "failed", flatten(t.Name)+path.Ext(t.Output))
}

func lostError(n int) error {
	return errors.New(plural(n, "record") + " could not be asked: the output that is there stays; run the same command again to ask the rest")
}

// plural returns n and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
