package cli

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/identity-shaping/isf/internal/engine"
)

// A recorder writes what a build does into files: --events as it happens, one
// JSON object on a line; --trace for a timeline. It hears from many goroutines.
type recorder struct {
	mu     sync.Mutex
	events *os.File // nil: not wanted
	trace  *trace   // nil: not wanted
	err    error    // the first that went wrong; the build goes on
}

// record opens the files. What cannot be written is known before anything is
// asked.
func record(events, timeline string) (r *recorder, err error) {
	r = &recorder{}
	if events != "" {
		if r.events, err = os.Create(events); err != nil {
			return nil, err
		}
	}
	if timeline != "" {
		if r.trace, err = newTrace(timeline, time.Now()); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	return r, nil
}

// listener is what to give to the engine, nil where nobody listens.
func (r *recorder) listener() func(engine.Event) {
	if r.events == nil && r.trace == nil {
		return nil
	}
	return r.hear
}

func (r *recorder) hear(e engine.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if r.events != nil {
		text, err := json.Marshal(newEventLine(e))
		if err == nil {
			_, err = r.events.Write(append(text, '\n'))
		}
		r.err = err
	}
	if r.trace != nil {
		r.err = errors.Join(r.err, r.trace.add(e))
	}
}

// close ends the files, and says what went wrong with them.
func (r *recorder) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.err
	if r.events != nil {
		err = errors.Join(err, r.events.Close())
	}
	if r.trace != nil {
		err = errors.Join(err, r.trace.close())
	}
	return err
}

// eventLine is one line of --events, in the shape that scripts may rely on.
type eventLine struct {
	Time   time.Time        `json:"time"`
	Event  engine.EventKind `json:"event"`
	Target string           `json:"target,omitempty"`

	Stage   string `json:"stage,omitempty"`
	Record  string `json:"record,omitempty"`
	Place   *int   `json:"place,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Hit     *bool  `json:"hit,omitempty"`

	Key      string  `json:"key,omitempty"`
	Provider string  `json:"provider,omitempty"`
	Model    string  `json:"model,omitempty"`
	Outcome  string  `json:"outcome,omitempty"` // answer, retry, failed or fatal
	Try      int     `json:"try,omitempty"`
	Status   int     `json:"status,omitempty"`
	Type     string  `json:"type,omitempty"`
	Seconds  float64 `json:"seconds,omitempty"`
	Wait     float64 `json:"wait_seconds,omitempty"`
	Limit    int     `json:"limit,omitempty"`
	Error    string  `json:"error,omitempty"`

	Result *engine.LoggedTarget `json:"result,omitempty"`
}

func newEventLine(e engine.Event) eventLine {
	l := eventLine{Time: e.Time.UTC(), Event: e.Kind, Target: e.Target, Result: e.Result}
	if s := e.Step; s != nil {
		l.Stage, l.Record, l.Place, l.Attempt, l.Hit = s.Stage, s.Record, &s.Place, s.Attempt, &s.Hit
		l.Model, l.Key, l.Error = s.Model, s.Key.String(), s.Err
	}
	if t := e.Try; t != nil {
		l.Provider, l.Model, l.Key, l.Outcome, l.Try, l.Status = t.Provider, t.Model, t.Key.String(), string(t.Kind), t.Try, t.Status
		l.Type, l.Error, l.Seconds, l.Wait, l.Limit = t.Type, t.Message, t.Took.Seconds(), t.Wait.Seconds(), t.Limit
	}
	return l
}
