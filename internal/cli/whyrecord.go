package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
)

// stepWhy is one request of `why TARGET:RECORD --json`.
type stepWhy struct {
	Step    string         `json:"step"`
	Hit     bool           `json:"hit"` // the cache answers it
	Key     string         `json:"key"`
	Cause   string         `json:"cause,omitempty"`   // of a miss
	Nearest string         `json:"nearest,omitempty"` // the record whose request it is compared with, where nothing was asked in its place
	Changes []changedField `json:"changes,omitempty"`
	MadeOf  string         `json:"made_of,omitempty"` // with --key: what the key is the hash of
}

type changedField struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Now   string `json:"now"`
}

// whyRecord tells of each request of a record whether it must be sent, and
// what has changed in it.
func (a *app) whyRecord(ctx context.Context, w *workspace, target, id string, keys, asJSON bool) error {
	if err := a.needPipelines(); err != nil {
		return err
	}
	t, err := w.oneDataset(target)
	if err != nil {
		return err
	}
	steps, madeOf, err := w.WhyRecord(ctx, t, w.reader, id, os.Getenv)
	if err != nil {
		return err
	}
	if asJSON && (len(steps) > 0 || madeOf != "") {
		return writeJSON(a.out, map[string]any{"name": t.Name, "record": id, "made_of": madeOf, "steps": stepsWhy(steps, keys)})
	}
	if len(steps) == 0 && madeOf != "" {
		fmt.Fprintf(a.out, "nothing is asked for record %s now: it was made of %s, which is not there any more or waits for an answer\n", safe(id), safe(madeOf))
		return a.runWhy(w, t.Name, false)
	}
	if len(steps) == 0 {
		return fmt.Errorf("nothing is asked for a record %q of %s now; its records are the ids of the rows its stages work on", id, t.Name)
	}
	for _, s := range steps {
		a.printStepWhy(s)
		if keys {
			fmt.Fprintf(a.out, "  key %s, made of\n", s.Now.Key())
			var b strings.Builder
			s.Now.Explain(&b)
			fmt.Fprintln(a.out, quote(b.String()))
		}
	}
	return nil
}

func stepsWhy(steps []engine.StepWhy, keys bool) []stepWhy {
	out := []stepWhy{}
	for _, s := range steps {
		one := stepWhy{Step: s.Step, Hit: s.Hit, Key: s.Now.Key().String(), Cause: s.Cause, Nearest: s.Of}
		if !s.Hit && s.Was != nil {
			for _, d := range differences(s.Was, s.Now) {
				one.Changes = append(one.Changes, changedField{d.name, d.was, d.now})
			}
		}
		if keys {
			var b strings.Builder
			s.Now.Explain(&b)
			one.MadeOf = b.String()
		}
		out = append(out, one)
	}
	return out
}

func (a *app) printStepWhy(s engine.StepWhy) {
	if s.Hit {
		fmt.Fprintf(a.out, "step %s: in the cache\n", safe(s.Step))
		return
	}
	fmt.Fprintf(a.out, "step %s: must be sent\n  - %s\n", safe(s.Step), safe(s.Cause))
	if s.Was == nil {
		return
	}
	if s.Of != "" {
		fmt.Fprintf(a.out, "  nothing was asked in its place before; the nearest request is that of record %s\n", safe(s.Of))
	}
	screen := screenOf(a.out)
	for _, d := range differences(s.Was, s.Now) {
		fmt.Fprintf(a.out, "  %s\n%s\n", d.name, indent(excerpt(screen, d.was, d.now)))
	}
}

// A difference is one field of a request in two versions.
type difference struct{ name, was, now string }

// differences lists the fields that differ, in the order of the request.
func differences(was, now cache.Fields) []difference {
	var out []difference
	for i := range max(len(was), len(now)) {
		var d difference
		var before, after cache.Field
		if i < len(was) {
			before = was[i]
			d.name, d.was = before.Tag.Name(), shown(before)
		}
		if i < len(now) {
			after = now[i]
			d.name, d.now = after.Tag.Name(), shown(after)
		}
		if before != after && (before.Tag.Class() == cache.Text || after.Tag.Class() == cache.Text) {
			out = append(out, d)
		}
	}
	return out
}

// shown is a field's value for people: text as it is, anything else as JSON.
func shown(f cache.Field) string {
	if f.Tag.Kind() == cache.KindString {
		return f.Str()
	}
	return string(f.JSON())
}
