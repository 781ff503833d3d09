package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// A LintFinding is something in a pipeline that makes its builds depend on more
// than its declared inputs, so that a target may be called current and is not,
// or answers are paid for that nobody reads again.
type LintFinding struct {
	Pipeline string `json:"pipeline"`
	Place    string `json:"place,omitempty"` // file:line, or a record
	Kind     string `json:"kind"`
	Text     string `json:"text"`
}

// What lint looks for.
const (
	LintRead     = "undeclared read"
	LintClock    = "wall clock"
	LintRandom   = "randomness"
	LintUnsteady = "unsteady"
	LintPosition = "positional ids"
)

// Lint looks at a pipeline's code, and then runs it twice with nothing sent: as
// far as the cache answers, it must ask the same about the same records, and
// make the same rows.
func (p *Project) Lint(ctx context.Context, t *graph.Target, r *graph.Reader, getenv func(string) string) ([]LintFinding, error) {
	q, err := p.runnable(t)
	if err != nil {
		return nil, err
	}
	out, err := p.lintCode(q, r)
	if err != nil {
		return nil, err
	}
	status, err := p.Graph.Status(t, r, p)
	if err != nil {
		return nil, err
	}
	for _, need := range p.Graph.Direct(t) {
		if _, err := p.Files.Stat(need.Output); err != nil {
			return out, nil // nothing to run on yet
		}
	}
	var runs [2]*rehearsal
	for i := range runs {
		if runs[i], err = p.rehearse(ctx, t, q, r, status, getenv); err != nil {
			return nil, err
		}
	}
	for _, f := range append(runs[0].compare(runs[1]), runs[0].positions()...) {
		f.Pipeline = q.Name
		out = append(out, f)
	}
	return out, nil
}

// around are the functions that reach around what a pipeline declares, by
// package; without names, all of it.
var around = map[string]struct {
	kind, hint string
	names      []string
}{
	"os":           {LintRead, "declare what it reads as a field: isf.File, isf.Dir, isf.Glob, isf.Prompt or a parameter", []string{"Open", "OpenFile", "OpenRoot", "ReadFile", "ReadDir", "DirFS", "Getenv", "LookupEnv", "Environ", "Hostname", "Getwd"}},
	"io/ioutil":    {LintRead, "declare what it reads as a field: isf.File, isf.Dir or isf.Glob", []string{"ReadFile", "ReadDir"}},
	"net/http":     {LintRead, "use a field of type isf.Data, which notes the revision", []string{"Get", "Post", "PostForm", "Head", "NewRequest", "NewRequestWithContext", "DefaultClient", "Client"}},
	"os/exec":      {LintRead, "what a program says is not among the inputs", []string{"Command", "CommandContext"}},
	"time":         {LintClock, "a request or row with the time in it is new in every build", []string{"Now", "Since", "Until"}},
	"math/rand":    {LintRandom, "choose by content instead: isf.Chosen(id, share), or b.AskN for several answers", nil},
	"math/rand/v2": {LintRandom, "choose by content instead: isf.Chosen(id, share), or b.AskN for several answers", nil},
	"crypto/rand":  {LintRandom, "choose by content instead: isf.Chosen(id, share), and t.ID for ids", nil},
}

// lintCode looks for calls that reach around the engine.
func (p *Project) lintCode(q *Pipeline, r *graph.Reader) (out []LintFinding, err error) {
	calls, err := p.codes.calls(q, r, func(path, name string) bool {
		a, ok := around[path]
		return ok && (a.names == nil || slices.Contains(a.names, name))
	})
	for _, c := range calls {
		a := around[c.Path]
		out = append(out, LintFinding{q.Name, fmt.Sprintf("%s:%d", c.File, c.Line), a.kind, c.Name + ": " + a.hint})
	}
	return out, err
}

// A rehearsal is what a run without a network asked and made.
type rehearsal struct {
	mu    sync.Mutex
	asked map[stepName]cache.Key
	steps []stepName
	rows  []rehearsed
}

type rehearsed struct {
	id     string
	staged bool // named by a stage of the pipeline, by the author's choice
	sum    [32]byte
}

func (h *rehearsal) hear(name stepName, req *dispatch.Request) {
	if h == nil {
		return
	}
	fields, err := req.Fields()
	if err != nil {
		return
	}
	key := fields.Key()
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, twice := h.asked[name]; !twice {
		h.steps = append(h.steps, name)
	}
	h.asked[name] = key
}

// row keeps what was made, in the order of the rows.
func (h *rehearsal) row(r Record) {
	if h == nil {
		return
	}
	h.rows = append(h.rows, rehearsed{r.ID, r.Given && r.ID != r.line.source, r.line.sum})
}

func (p *Project) rehearse(ctx context.Context, t *graph.Target, q *Pipeline, r *graph.Reader, status graph.Status, getenv func(string) string) (h *rehearsal, err error) {
	dir, err := os.MkdirTemp("", "isf-lint-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	e := p.planned([]*graph.Target{t}, r, Options{Force: true, Getenv: getenv})
	defer context.AfterFunc(ctx, func() { e.stop(ErrInterrupted) })()
	h = &rehearsal{asked: map[stepName]cache.Key{}}
	e.rehearsal = h
	err = errors.Join(e.replay(new(Forecast), t, q, status, dir), e.close())
	if ctx.Err() != nil {
		err = ErrInterrupted
	}
	return h, err
}

// compare says how the second of two runs differs. The first difference is
// enough: most others follow from it.
func (h *rehearsal) compare(o *rehearsal) []LintFinding {
	const why = "run twice with nothing changed, it does something else: the time, randomness, the order of a map, or a variable that tasks share"
	unsteady := func(record, text string) []LintFinding {
		return []LintFinding{{Place: "record " + record, Kind: LintUnsteady, Text: text + "; " + why}}
	}
	for _, run := range []*rehearsal{h, o} { // tasks run side by side
		slices.SortFunc(run.steps, func(a, b stepName) int {
			return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Attempt, b.Attempt))
		})
	}
	for _, name := range h.steps {
		key, asked := o.asked[name]
		switch {
		case !asked:
			return unsteady(name.Record, "step "+name.id()+" is asked in one run only")
		case key != h.asked[name]:
			return unsteady(name.Record, "step "+name.id()+" asks something else")
		}
	}
	if len(o.steps) != len(h.steps) {
		return unsteady(o.steps[len(o.steps)-1].Record, "one run asks more than the other")
	}
	for i, row := range h.rows {
		switch {
		case i >= len(o.rows):
			return unsteady(row.id, "there is a row in one run only")
		case row.id != o.rows[i].id:
			return unsteady(row.id, "the row in this place is another, or has another id")
		case row.sum != o.rows[i].sum:
			return unsteady(row.id, "the row says something else")
		}
	}
	return nil
}

// fewestPositions is how many ids that count up are no accident.
const fewestPositions = 5

// positions looks for ids that the author's code counts up.
func (h *rehearsal) positions() []LintFinding {
	counted, next, stem := 0, 0, ""
	for _, r := range h.rows {
		cut := len(strings.TrimRight(r.id, "0123456789"))
		n, err := strconv.Atoi(r.id[cut:])
		if !r.staged || err != nil {
			counted = 0
			continue
		}
		if counted > 0 && n == next && r.id[:cut] == stem {
			counted++
		} else {
			counted, stem = 1, r.id[:cut]
		}
		next = n + 1
		if counted == fewestPositions {
			return []LintFinding{{
				Place: "record " + r.id, Kind: LintPosition,
				Text: "ids count up, so a record in front of others renames all that follow, and asks them again: leave the id empty, or make it with t.ID from what the row says",
			}}
		}
	}
	return nil
}
