package engine

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// A Forecast is what a build of one target would do now.
type Forecast struct {
	Target  *graph.Target
	State   graph.State
	Rows    int   // that need nothing more
	Records int64 // that come to its last stage; 0 where that follows from answers that are not there
	Recall  bool  // they did in the last whole build, and nobody has looked since; nothing else is said
	Hits    int64 // requests that the cache answers
	Misses  int64 // requests that would be sent
	Unknown int64 // further requests behind those, by what the last build took; -1 where there was none
	Causes  []Cause
	Awaits  []string // targets of which rows are missing that Unknown follows from
	Err     error    // why nothing can be said

	Estimate                 // of what would be sent
	Models   []ModelEstimate // the same by model, with what follows from the answers
	Scratch  Estimate        // of a build with an empty cache
}

// A ModelEstimate is what one model would be asked.
type ModelEstimate struct {
	Name string
	Estimate
}

// An Estimate is the tokens, the price and the time of requests.
type Estimate struct {
	Requests           int64
	Prompt, Completion int64
	CostNano           int64
	Priced             bool // the price of everything is known
	Seconds            float64
}

// A Cause is why requests have to be sent, and how many.
type Cause struct {
	Text     string
	Requests int64
}

// Plan says what a build of the targets would send. It replays pipelines
// against the cache, sends no model anything and changes nothing, also while a
// build runs. A target that others are made from is replayed into a temporary file.
func (p *Project) Plan(ctx context.Context, targets []*graph.Target, r *graph.Reader, o Options) ([]Forecast, error) {
	return p.planned(targets, r, o).foretellAll(ctx)
}

// Recall says of targets, and of what they need, how many records the last whole build of each had. It reads
// no input and replays nothing, so a build may ask it for nothing better than a guess of how far it is.
func (p *Project) Recall(targets []*graph.Target) (out []Forecast) {
	for _, level := range p.Graph.Order(targets) {
		for _, t := range level {
			if n := p.history(t.Name).Records; n > 0 {
				out = append(out, Forecast{Target: t, Records: n, Recall: true})
			}
		}
	}
	return out
}

// planned is an engine that sends nothing.
func (p *Project) planned(targets []*graph.Target, r *graph.Reader, o Options) *Engine {
	o.Offline = true
	e := newEngine(p, r, o)
	e.selected, e.forecasts = targets, map[*graph.Target]*Forecast{}
	return e
}

// foretellAll replays what is selected and what that needs, and closes the
// engine.
func (e *Engine) foretellAll(ctx context.Context) (out []Forecast, err error) {
	dir, err := os.MkdirTemp("", "isf-plan-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	defer context.AfterFunc(ctx, func() { e.stop(ErrInterrupted) })()
	survey := e.project.Graph.Survey(e.reader, e.project)
	for _, level := range e.project.Graph.Order(e.selected) {
		for _, t := range level {
			status, err := survey.Status(t)
			if err != nil {
				return nil, errors.Join(err, e.close())
			}
			f := e.foretell(t, status, dir)
			e.forecasts[t] = &f
			out = append(out, f)
		}
	}
	err = e.close()
	if ctx.Err() != nil {
		err = ErrInterrupted
	}
	return out, err
}

// foretell replays one target.
func (e *Engine) foretell(t *graph.Target, status graph.Status, dir string) Forecast {
	f := Forecast{Target: t, State: status.State, Rows: status.Records, Estimate: Estimate{Priced: true}, Scratch: Estimate{Priced: true}}
	if t.Pipeline == "" || (status.State == graph.Current && !e.opts.Force && !e.wanted(t)) {
		f.Scratch = e.project.history(t.Name).estimate(e.workers())
		return f
	}
	q, err := e.project.runnable(t)
	if err == nil {
		err = e.replay(&f, t, q, status, dir)
	}
	f.Err = err
	return f
}

// replay runs a pipeline with nothing sent, and counts.
func (e *Engine) replay(f *Forecast, t *graph.Target, q *Pipeline, status graph.Status, dir string) error {
	parts, err := e.pin(t, status.Parts)
	if err != nil {
		return err
	}
	b, err := e.begin(t, q)
	if err != nil {
		return err
	}
	b.revisions = revisions(parts)
	b.adopter, b.rehearsal = e.adopter, e.rehearsal
	b.plan = &planner{engine: e, target: t, blame: e.project.followed(status), history: e.project.history(t.Name), missing: map[cache.Ref]bool{}, causes: map[string]int64{}}
	rows, err := os.CreateTemp(dir, "rows-")
	if err != nil {
		return err
	}
	defer rows.Close()
	e.replayed(t, rows.Name())
	f.Rows = 0
	enc := &encoder{b: b}
	b.each(enc.finish, func(r Record) error {
		if r.line == nil || r.Fail != nil || r.Skipped != "" {
			return nil
		}
		f.Rows++
		b.rehearsal.row(r)
		_, err := rows.Write(r.line.text)
		return err
	})
	if err := b.Err(); err != nil {
		return err
	}
	b.plan.sum(f, b)
	if len(b.rooms) == 1 || f.Unknown == 0 {
		f.Records = b.progress.started.Load()
	}
	return nil
}

// each takes every record of the pipeline. What goes wrong fails the build.
func (b *Build) each(finish func(*Record), take func(Record) error) {
	defer b.guard()
	b.prepare()(finish, func(r Record) bool {
		err := take(r)
		if err != nil {
			b.Fail(err)
		}
		return err == nil
	})
}

// replayed says where the rows of a target are that this plan replays.
func (e *Engine) replayed(t *graph.Target, path string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rows == nil {
		e.rows = map[string]string{}
	}
	e.rows[t.Output] = path
}

// replayOf returns where an output was replayed to, "" if it was not.
func (e *Engine) replayOf(output string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rows[output]
}

// A planner counts the requests that one target would send.
type planner struct {
	engine  *Engine
	target  *graph.Target
	blame   blame
	history history

	mu      sync.Mutex
	missing map[cache.Ref]bool // each is sent once, whoever asks
	misses  []missed
	last    map[stepName]cache.Ref // of the last build; read at the first miss
	causes  map[string]int64
	order   []string // of causes
}

// A missed request is what an estimate needs of it.
type missed struct {
	name  stepName
	model *dispatch.Model
	bytes int64
	limit int64
}

func (p *planner) miss(name stepName, req *dispatch.Request) {
	fields, err := req.Fields()
	if err != nil {
		return
	}
	ref := cache.Ref{Key: fields.Key(), Limit: fields.Limit()}
	p.mu.Lock()
	defer p.mu.Unlock()
	cause := p.cause(name, fields)
	p.engine.watch.see(p.target, name, fields, cause)
	if p.missing[ref] {
		return
	}
	p.missing[ref] = true
	p.misses = append(p.misses, missed{name, req.Model, textBytes(fields), fields.Limit()})
	if p.causes[cause] == 0 {
		p.order = append(p.order, cause)
	}
	p.causes[cause]++
}
