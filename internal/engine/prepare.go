package engine

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/recipes"
)

// Rehearse says what preparing a recipe from its sources as they are would
// give. It changes nothing.
func (p *Project) Rehearse(ctx context.Context, t *graph.Target, r *graph.Reader, o Options) (recipes.Report, []string, error) {
	o.AsIs = true
	e := newEngine(p, r, o)
	mix, src, err := e.scan(ctx, t, nil)
	if err != nil {
		return recipes.Report{}, nil, err
	}
	defer mix.Close()
	return mix.Report, append(src.notes, mix.Warnings()...), mix.Empty()
}

// prepare makes the target of a recipe whose lock is held.
func (e *Engine) prepare(t *graph.Target, status graph.Status) (r Result) {
	b := &Build{}
	line := e.show(t, b)
	defer func() { line.end(r.Err) }()
	mix, src, err := e.scan(e.stopCtx, t, func() { b.progress.done.Add(1) })
	if err != nil {
		return e.unprepared(t, status, r, err)
	}
	defer mix.Close()
	dropped := mix.Dropped()
	r = Result{Counts: Counts{Rows: mix.Total, BySkip: dropped}, Notes: append(src.notes, mix.Warnings()...)}
	for _, n := range dropped {
		r.Skipped += n
	}
	if err := mix.Empty(); err != nil {
		r.Notes = nil // the error says them
		return e.unprepared(t, status, r, err)
	}
	out, err := e.write(t, mix)
	if err != nil {
		return e.unprepared(t, status, r, err)
	}
	defer out.discard()
	r.Target, r.State, r.Mix = t, status.State, &mix.Report
	return e.place(t, status, mix, src, out, r)
}

// A sourcing is the state of a recipe's sources.
type sourcing struct {
	partial bool            // some source is not complete
	stale   map[string]bool // pipelines whose output is old
	missing map[string]bool // pipelines without an output
	notes   []string
}

// A refusal is about the states of sources. Nothing was tried, so nothing is
// remembered to have failed.
type refusal struct{ error }

func (r *refusal) Unwrap() error { return r.error }

// scan reads the sources of a recipe, if their states allow it.
func (e *Engine) scan(ctx context.Context, t *graph.Target, tick func()) (*recipes.Mix, sourcing, error) {
	f := e.project.recipeOf(t)
	if f.Err != nil {
		return nil, sourcing{}, f.Err
	}
	src, err := e.sourcing(t)
	if err != nil {
		return nil, src, &refusal{err}
	}
	sources := f.Recipe.Sources(outputOf)
	for i, s := range sources {
		if s.Kind == recipes.FromPipeline && src.missing[s.Name] {
			sources[i].Path = ""
		}
	}
	if err := e.project.Files.MkdirAll(StateDir, 0o700); err != nil {
		return nil, src, stateError(err)
	}
	mix, err := recipes.Scan(ctx, f.Recipe, e.project.Files, sources, filepath.Join(e.project.Root, StateDir), tick)
	if ctx.Err() != nil {
		err = ErrStopped
	}
	return mix, src, err
}

// sourcing looks at the pipelines a recipe takes from. What is not complete is
// refused unless --allow-partial was given; what is old is told.
func (e *Engine) sourcing(t *graph.Target) (sourcing, error) {
	s := sourcing{stale: map[string]bool{}, missing: map[string]bool{}}
	statuses, err := e.project.Graph.Survey(e.reader, e).Statuses(e.project.Graph.Direct(t))
	if err != nil {
		return s, err
	}
	for _, st := range statuses {
		if err := e.source(&s, t, st); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (e *Engine) source(s *sourcing, t *graph.Target, st graph.Status) error {
	name := st.Target.Pipeline
	switch st.State {
	case graph.Current:
		return nil
	case graph.Running:
		return fmt.Errorf("pipeline '%s' is being built by another process: wait until it is done", name)
	case graph.Edited:
		return fmt.Errorf("%s was %w since it was built: move it away, or build it again with `isf build %s --force`", st.Target.Output, ErrEdited, st.Target.Name)
	case graph.Stale:
		s.stale[name] = true
		if st.Manifest.Partial {
			break
		}
		s.partial = s.partial || !e.opts.AsIs
		s.notes = append(s.notes, fmt.Sprintf("pipeline '%s' is stale (%s): `isf build %s` makes it current first", name, st.Reasons[0].Text, t.Name))
		return nil
	}
	s.partial = true
	s.missing[name] = st.State == graph.Missing
	what := string(st.State)
	switch {
	case st.State == graph.Partial:
		what = fmt.Sprintf("PARTIAL (%s)", plural(st.Records, "sample"))
	case s.stale[name]:
		what = fmt.Sprintf("STALE and PARTIAL (%s)", plural(st.Records, "sample"))
	}
	if !e.opts.AllowPartial {
		return fmt.Errorf("pipeline '%s' is %s: make it with `isf build %s`, or prepare what there is with --allow-partial", name, what, st.Target.Name)
	}
	s.notes = append(s.notes, fmt.Sprintf("pipeline '%s' is %s, so this is partial", name, what))
	return nil
}

// tolerates says that a recipe is made although a source of it failed.
func (e *Engine) tolerates(t *graph.Target) bool {
	return t.Kind == graph.Recipe && e.opts.AllowPartial && !e.stopping.Load()
}

// unprepared is the result of a recipe that came to nothing.
func (e *Engine) unprepared(t *graph.Target, status graph.Status, r Result, err error) Result {
	r.Target, r.State, r.Err = t, status.State, err
	if _, refused := errors.AsType[*refusal](err); !refused && hopeless(err) {
		r.State = graph.Failed
		_ = e.project.noteFailure(t.Name, graph.Digest(status.Parts), err.Error())
	}
	return r
}

// prepared are the files of a recipe before they have their place.
type prepared struct{ train, validation *hashed }

// A hashed file is pending, and knows the digest of what was written.
type hashed struct {
	*graph.Pending
	buf *bufio.Writer
	sum hash.Hash
}

func (e *Engine) hashed(output string) (*hashed, error) {
	p, err := graph.Create(e.project.Files, output)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	return &hashed{p, bufio.NewWriterSize(io.MultiWriter(p, sum), 256<<10), sum}, nil
}

func (p prepared) discard() {
	p.train.Discard()
	p.validation.Discard()
}

func (e *Engine) write(t *graph.Target, mix *recipes.Mix) (p prepared, err error) {
	if p.train, err = e.hashed(t.Output); err != nil {
		return p, err
	}
	if p.validation, err = e.hashed(graph.ValidationPath(t.Output)); err != nil {
		p.train.Discard()
		return p, err
	}
	err = mix.Write(e.stopCtx, p.train.buf, p.validation.buf)
	if err == nil {
		err = p.train.buf.Flush()
	}
	if err == nil {
		err = p.validation.buf.Flush()
	}
	if e.stopCtx.Err() != nil {
		err = ErrStopped
	}
	if err != nil {
		p.discard()
	}
	return p, err
}

// place decides what the files become, by the rules of every target: a partial
// one does not replace what is whole.
func (e *Engine) place(t *graph.Target, status graph.Status, mix *recipes.Mix, src sourcing, p prepared, r Result) Result {
	split := e.project.recipeOf(t).Recipe.Split != nil
	whole := status.Manifest != nil && !status.Manifest.Partial && status.State != graph.Missing
	switch {
	case e.opts.Output != "":
		r.Output, r.Err = e.opts.Output, e.export(p.train.Pending, e.opts.Output)
		if split && r.Err == nil {
			r.Err = e.export(p.validation.Pending, graph.ValidationPath(e.opts.Output))
		}
	case src.partial && whole:
		r.Output = PartialPath(t.Output)
		r.Err = p.train.Commit(r.Output)
	default:
		r.Output, r.Err = t.Output, e.commitMix(t, status, mix, src, p, split)
		r.State = graph.Current
		if src.partial {
			r.State = graph.Partial
		}
	}
	return r
}

// commitMix puts a recipe's files in place: what is held out, the output, the
// manifest.
func (e *Engine) commitMix(t *graph.Target, status graph.Status, mix *recipes.Mix, src sourcing, p prepared, split bool) error {
	digest := hexSum(p.train.sum)
	m := &graph.Manifest{
		Kind: t.Kind, Parts: e.asRead(t, status.Parts), Records: mix.Total, Partial: src.partial,
		Output: graph.OutputDigest{Digest: digest, Content: digest},
		Mix:    mixOf(e.project.recipeOf(t).Recipe, mix.Report, src.stale),
	}
	for _, n := range mix.Dropped() {
		m.Skipped += n
	}
	if split {
		m.Mix.HeldOut = hexSum(p.validation.sum)
	}
	if err := e.project.notePlacing(t.Name, digest); err != nil {
		return stateError(err)
	}
	if old := status.Manifest; old != nil && old.Output.Digest != digest {
		e.keepEdition(t, old)
	}
	if err := e.placeHeldOut(t, status, p, split); err != nil {
		return err
	}
	if err := p.train.Commit(t.Output); err != nil {
		return err
	}
	if err := e.writeManifest(t, m); err != nil {
		return err
	}
	e.keepMade(t, digest)
	e.removeOther(t, status.Manifest)
	e.project.forgetAttempt(t.Name)
	return nil
}

// placeHeldOut leaves a file only where the recipe holds out.
func (e *Engine) placeHeldOut(t *graph.Target, status graph.Status, p prepared, split bool) error {
	path := graph.ValidationPath(t.Output)
	if split {
		return p.validation.Commit(path)
	}
	if status.Manifest == nil || status.Manifest.Mix == nil || status.Manifest.Mix.HeldOut == "" {
		return nil
	}
	if _, err := e.project.Files.Stat(path); err != nil {
		return nil // it is gone already
	}
	return e.project.Files.Remove(path)
}

// removeOther removes what the recipe made before its format changed between
// lines and Parquet, so that nobody trains on it. A file that is not what the
// manifest then said is somebody's, and stays.
func (e *Engine) removeOther(t *graph.Target, was *graph.Manifest) {
	if was == nil || was.Mix == nil {
		return
	}
	other := t.Name + ".jsonl"
	if other == t.Output {
		other = t.Name + parquetExt
	}
	for name, digest := range map[string]string{other: was.Output.Digest, graph.ValidationPath(other): was.Mix.HeldOut} {
		if now, err := e.reader.FullDigest(name); err == nil && digest != "" && now == digest {
			_ = e.project.Files.Remove(name) // what cannot be removed is only in the way
		}
	}
}
