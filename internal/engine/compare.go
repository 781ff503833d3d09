package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/jsontext"
	"github.com/identity-shaping/isf/internal/registry"
)

// A Comparison is what several models say to the same prompts.
type Comparison struct {
	Number  int             `json:"number"` // it is kept like a Trial
	Models  []string        `json:"models"`
	Prompts []ComparedOne   `json:"prompts"`
	Totals  ComparisonTotal `json:"totals"`
}

// A ComparedOne is one prompt and the models' answers, in the order of the
// models.
type ComparedOne struct {
	Messages Messages      `json:"messages"`
	Answers  []ModelAnswer `json:"answers"`
}

// A ModelAnswer is what one model said, or why it did not.
type ModelAnswer struct {
	Model    string `json:"model"`
	Resolved string `json:"model_resolved,omitempty"`
	Text     string `json:"text"` // whole, thinking included
	Finish   string `json:"finish_reason,omitempty"`
	Tokens   int64  `json:"completion_tokens"`
	CostNano int64  `json:"cost_nano"`
	Priced   bool   `json:"priced"`
	Hit      bool   `json:"hit"`
	Error    string `json:"error,omitempty"`
}

// A ComparisonTotal is what a comparison took.
type ComparisonTotal struct {
	Requests
	CostNano int64 `json:"cost_nano"`
	Priced   bool  `json:"priced"`
}

// Compare asks each model each prompt, side by side. Answers come from the
// cache and go into it like all others; what was compared is kept with the tries.
func (p *Project) Compare(ctx context.Context, models []string, prompts []Messages, o Options) (c *Comparison, err error) {
	asked := make([]*dispatch.Model, len(models))
	began := time.Now()
	c = &Comparison{Prompts: make([]ComparedOne, len(prompts))}
	for i, name := range models {
		m, err := p.Registry.Find(name)
		if unknown, ok := errors.AsType[*registry.UnknownError](err); ok {
			return nil, Usagef("%w", unknown)
		} else if err != nil {
			return nil, err
		}
		asked[i], c.Models = sendable(m), append(c.Models, m.Name)
	}
	store, err := cache.Open(filepath.Join(p.Root, StateDir), cache.Options{Share: p.Share()})
	if err != nil {
		return nil, stateError(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	d, shut, err := p.sender(ctx, dispatch.Options{Store: store, Getenv: o.Getenv, Bounds: p.bounds(o.Budget)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, shut()) }()
	tally := new(dispatch.Tally)
	var wg sync.WaitGroup
	room := make(chan struct{}, 2*max(p.Config.WorkerConcurrency, dispatch.DefaultWorkers)) // requests made ahead
	for i, msgs := range prompts {
		c.Prompts[i] = ComparedOne{Messages: msgs, Answers: make([]ModelAnswer, len(asked))}
		for k, m := range asked {
			room <- struct{}{}
			wg.Go(func() {
				defer func() { <-room }()
				r := &dispatch.Request{Model: m, Messages: msgs.wire(m.HistoryThinking == historyEcho), Tally: tally}
				reply, err := d.Ask(context.Background(), r)
				c.Prompts[i].Answers[k] = newAnswer(m.Name, reply, err)
			})
		}
	}
	wg.Wait()
	total := Result{tally: tally}
	c.Totals.Requests = total.Requests()
	c.Totals.CostNano, c.Totals.Priced = total.CostNano()
	if ctx.Err() != nil {
		return c, ErrInterrupted
	}
	c.Number, err = p.keepTrial(&Trial{Time: began.UTC().Truncate(time.Millisecond), Of: len(prompts), Compared: c, Requests: c.Totals.Requests, CostNano: c.Totals.CostNano, Priced: c.Totals.Priced, Seconds: time.Since(began).Seconds()})
	return c, err
}

func newAnswer(model string, r *dispatch.Reply, err error) ModelAnswer {
	if err != nil {
		return ModelAnswer{Model: model, Error: err.Error()}
	}
	e := r.Entry
	return ModelAnswer{
		Model: model, Resolved: e.ModelResolved, Text: e.Text, Finish: e.Finish,
		Tokens: e.Usage.Completion, CostNano: e.CostNano, Priced: e.CostKnown, Hit: r.Hit,
	}
}

// ReadPrompts reads prompts from lines of JSON: a string, or an object with
// messages (an answer at their end is left out), prompt or text.
func ReadPrompts(name string, from io.Reader) ([]Messages, error) {
	var out []Messages
	in := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, err := jsontext.ReadLine(in)
		if len(bytes.TrimSpace(line)) > 0 {
			msgs, perr := prompt(line)
			if perr != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, perr)
			}
			out = append(out, msgs)
		}
		if errors.Is(err, io.EOF) {
			if len(out) == 0 {
				return nil, fmt.Errorf("%s holds no prompts", name)
			}
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

func prompt(line []byte) (Messages, error) {
	var text string
	if json.Unmarshal(line, &text) == nil {
		return Messages{{Role: "user", Content: text}}, nil
	}
	var row struct {
		Messages     Messages
		Prompt, Text string
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return nil, fmt.Errorf("this is no JSON object or string: %w", err)
	}
	msgs := row.Messages
	if n := len(msgs); n > 0 && msgs[n-1].Role == "assistant" {
		msgs = msgs[:n-1]
	}
	if said := or(row.Text, row.Prompt); len(msgs) == 0 && said != "" {
		msgs = Messages{{Role: "user", Content: said}}
	}
	if len(msgs) == 0 {
		return nil, errors.New(`there is no "messages", "prompt" or "text" in this line`)
	}
	return msgs, nil
}
