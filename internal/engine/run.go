package engine

import (
	"errors"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// ErrStopped ends a run because something else stopped the whole build.
var ErrStopped = errors.New("the build was stopped")

// run makes one pipeline target whose lock is held, and returns what became
// of it.
func (e *Engine) run(t *graph.Target, status graph.Status) (r Result) {
	q, err := e.project.runnable(t)
	if err != nil {
		return failed(t, err)
	}
	if status.Parts, err = e.pin(t, status.Parts); err != nil {
		return failed(t, err)
	}
	b, err := e.begin(t, q)
	if err != nil {
		return failed(t, err)
	}
	b.revisions = revisions(status.Parts)
	line := e.show(t, b)
	defer func() { line.end(r.Err) }()
	out, err := e.create(t)
	if err != nil {
		return failed(t, err)
	}
	defer out.discard()
	b.uses = newUseList(out.uses)
	w := newWriter(b, out.rows, out.errs, newRecordTable(out.table))
	defer w.close()
	if err = e.drain(b, q, w, status.Parts); err == nil {
		err = b.verdict(w)
	}
	r = e.settle(b, t, status, w, out, err)
	if err := e.project.keepUses(t.Name, b.uses, r.Err == nil && r.Output == t.Output); err != nil {
		e.logf("%s: it is not known which answers it uses, so `isf cache gc` will refuse to run: %v", t.Name, err)
	}
	return r
}

// begin makes the Build of one run.
func (e *Engine) begin(t *graph.Target, q *Pipeline) (*Build, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	b := &Build{ctx: e.ctx, engine: e, pipeline: q, output: t.Output, models: map[Model]*dispatch.Model{}, prompts: map[string]bool{}, workers: e.workersOf(q)}
	var err error
	if b.decisions, err = e.project.decisions(t.Output); err != nil {
		return nil, err
	}
	b.kept = b.decisions.kept()
	if b.stable, err = e.project.stability(q, t.Output); err != nil {
		return nil, err
	}
	if e.limited(t) {
		b.limit = e.opts.Limit
	}
	if b.workers < e.workers() {
		b.gate = make(chan struct{}, b.workers)
	}
	for _, d := range q.deps {
		switch d.field.Interface().(type) {
		case Model:
			m, err := e.project.Registry.Lookup(d.value())
			if err != nil {
				return nil, err
			}
			b.models[Model(d.value())] = sendable(m)
		case Prompt:
			b.prompts[path.Clean(d.value())] = true
		}
	}
	return b, nil
}

// drain runs the pipeline and writes every record.
func (e *Engine) drain(b *Build, q *Pipeline, w *writer, parts []graph.Part) (err error) {
	code, err := e.project.codes.of(q, e.reader)
	if err != nil {
		return err
	}
	enc := &encoder{b: b, annotated: e.annotated(q), file: code.File}
	b.write(b.prepare(), enc, w)
	if !b.cut.Load() && !b.stopped() {
		if err := enc.leftPins(w); err != nil {
			return err
		}
	}
	return w.flush()
}

// write takes every record. What goes wrong fails the build.
func (b *Build) write(rows Rows, enc *encoder, w *writer) {
	defer b.guard()
	sources := limiter{b: b}
	rows(enc.finish, func(r Record) bool {
		switch sources.admit(r) {
		case leaveOut:
			return true
		case over:
			return false
		}
		if err := w.take(r); err != nil {
			b.Fail(err)
			return false
		}
		return true
	})
}

func (e *Engine) annotated(q *Pipeline) bool {
	if e.opts.Annotate != nil {
		return *e.opts.Annotate
	}
	return !q.Minimal
}

// verdict says why a run that wrote everything it had is not complete, or nil.
func (b *Build) verdict(w *writer) error {
	all := w.Rows + w.Failed
	switch err := b.Err(); {
	case waits(err):
		return &waiting{err, b.extent()}
	case err != nil:
		return err
	case b.miss != "":
		return missError(b.miss)
	case b.whyPaused() != nil:
		return fmt.Errorf("%w; %s; the same command goes on from there", b.whyPaused(), b.extent())
	case w.Open > 0 || b.halted.Load() || b.setup.isOpen():
		return ErrStopped
	case w.Failed > 0 && w.Failed == all:
		return fmt.Errorf("all %d records failed: %s; the first is %s", all, kinds(w.ByError), cut(w.First))
	case float64(w.Failed)/float64(all) > b.pipeline.MaxErrorRate:
		return fmt.Errorf("%d of %d records failed, more than the %v%% that pipeline %q allows: %s; the first is %s",
			w.Failed, all, math.Round(1e4*b.pipeline.MaxErrorRate)/100, b.pipeline.Name, kinds(w.ByError), cut(w.First))
	}
	return nil
}

// A missError says what an offline run had no answer for. With a network it
// would have had one.
type missError string

func (e missError) Error() string        { return string(e) }
func (e missError) Is(target error) bool { return target == dispatch.ErrMiss }

// PartialPath is where a limited run beside a full output goes.
func PartialPath(output string) string {
	ext := path.Ext(output)
	return strings.TrimSuffix(output, ext) + ".partial" + ext
}

// waiting says how far a run came until a provider wanted to be left alone.
type waiting struct {
	error
	extent Extent
}

func (w *waiting) Unwrap() error { return w.error }

func (w *waiting) Error() string {
	fatal, _ := errors.AsType[*dispatch.Fatal](w.error)
	return fmt.Sprintf("%s; %s; %s", fatal.Message, w.extent, fatal.Then)
}

// waits says that a provider asked to be left alone for longer than anybody
// waits.
func waits(err error) bool {
	fatal, ok := errors.AsType[*dispatch.Fatal](err)
	return ok && fatal.Type == "long_wait"
}

// hopeless says that a failure would only repeat with the same inputs, or that
// nothing could be asked at all.
func hopeless(err error) bool {
	if _, paused := errors.AsType[*dispatch.Paused](err); paused || waits(err) {
		return false
	}
	return !errors.Is(err, ErrStopped) && !errors.Is(err, ErrInterrupted) && !errors.Is(err, cache.ErrFull) && !errors.Is(err, dispatch.ErrMiss) && !elsewhere(err)
}
