package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/graph"
)

// Kept is what keeping came to.
type Kept struct {
	Input   string // that was edited
	Answers int    // that stand
	Left    int    // requests that a build would send all the same
}

// Keep decides that the answers of the last build stand although an input was
// edited since. The edit must be all that has changed. input may be "" where
// one input has changed.
func (p *Project) Keep(ctx context.Context, t *graph.Target, r *graph.Reader, input, reason string, getenv func(string) string) (k Kept, err error) {
	q, err := p.runnable(t)
	if err != nil {
		return k, err
	}
	status, err := p.Graph.Status(t, r, p)
	if err != nil {
		return k, err
	}
	if k.Input, err = editedInput(status, input); err != nil {
		return k, err
	}
	last, err := p.lastSteps(t.Name)
	if err != nil {
		return k, err
	}
	if len(last) == 0 {
		return k, fmt.Errorf("what the last build of %s asked is not known here, because %s is gone", t.Name, tablePath(t.Name))
	}
	a := &adopter{last: last, keep: &Keep{Input: k.Input, Reason: reason, Answers: map[string]string{}}}
	if err := p.adoptAll(ctx, t, q, r, status, a, getenv); err != nil {
		return k, err
	}
	if parts, err := graph.Parts(t, r); err != nil || graph.Digest(parts) != graph.Digest(status.Parts) {
		return k, errors.Join(err, fmt.Errorf("%s was edited meanwhile: run the same command again", t.Name))
	}
	if k.Answers, k.Left = len(a.keep.Answers), a.left; k.Answers == 0 {
		return k, nil
	}
	return k, p.Decide(t, []Decision{{Keep: a.keep}})
}

// adoptAll replays t with nothing sent.
func (p *Project) adoptAll(ctx context.Context, t *graph.Target, q *Pipeline, r *graph.Reader, status graph.Status, a *adopter, getenv func(string) string) (err error) {
	dir, err := os.MkdirTemp("", "isf-keep-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e := p.planned([]*graph.Target{t}, r, Options{Force: true, Getenv: getenv})
	e.adopter = a
	defer context.AfterFunc(ctx, func() { e.stop(ErrInterrupted) })()
	err = errors.Join(e.replay(new(Forecast), t, q, status, dir), e.close())
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// editedInput checks that the edit of one input is all that makes a target
// stale, and returns the input. A decision that no build has followed yet, as
// to ask a record again, counts as a change: keeping must not undo it.
func editedInput(s graph.Status, want string) (string, error) {
	name := s.Target.Name
	if s.State == graph.Current {
		return "", fmt.Errorf("%s is current: there is nothing to keep", name)
	}
	if s.State != graph.Stale && s.State != graph.Failed {
		return "", fmt.Errorf("%s is %s: answers are kept of a target that is whole and stale", name, s.State)
	}
	var inputs []string
	for _, r := range s.Reasons {
		switch {
		case r.Text == graph.LastBuildFailed:
		case len(r.Cause) > 0 || r.Input == "" || r.Type == graph.TypeTarget:
			return "", fmt.Errorf("%s: %s; build that first", name, reasonText(r))
		case !slices.Contains(inputs, r.Input):
			inputs = append(inputs, r.Input)
		}
	}
	switch {
	case want != "" && !slices.Contains(inputs, want):
		return "", Usagef("the input %q of %s has not changed; what has changed: %s", want, name, strings.Join(inputs, ", "))
	case len(inputs) > 1:
		return "", fmt.Errorf("%s: more than one input has changed (%s), and answers are kept from one edit at a time: build, or undo the others first", name, strings.Join(inputs, ", "))
	case slices.Contains(inputs, decisionsAttr):
		return "", fmt.Errorf("%s is stale by its decisions only: there is no edit to keep answers from", name)
	}
	return inputs[0], nil
}

// Unkeep takes back what was kept of one input, or of all, and returns the
// reasons that were given.
func (p *Project) Unkeep(t *graph.Target, input string) (gone []string, err error) {
	d, err := p.decisions(t.Output)
	if err != nil {
		return nil, err
	}
	var inputs []string
	var undo []Decision
	for _, k := range d.keeps {
		if input != "" && k.Input != input {
			continue
		}
		gone = append(gone, k.Reason)
		if !slices.Contains(inputs, k.Input) {
			inputs, undo = append(inputs, k.Input), append(undo, Decision{Unkeep: k.Input})
		}
	}
	if len(gone) == 0 {
		return nil, fmt.Errorf("nothing is kept of %s", t.Name)
	}
	return gone, p.Decide(t, undo)
}
