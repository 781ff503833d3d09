package engine

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"sync"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
)

// A Resampling says which stored requests shall be asked again.
type Resampling struct {
	Number int   // how many; they are spread over all answers by hash
	Seed   int64 // another seed chooses others, and asks anew
	Budget dispatch.Spend
	Getenv func(string) string
}

// Resample asks some stored requests again and compares. The requests are sent
// from the fields that were kept with their answers, so no pipeline is run. The
// new answers are kept nowhere: nothing that anybody builds asks for them, and an
// answer that stands in a data set does not change because somebody looked.
//
// With ErrInterrupted, or what else stopped it, comes what was compared by then.
func (p *Project) Resample(ctx context.Context, s *cache.Store, o Resampling) (r *Resampled, err error) {
	asked := p.askable(o.Getenv)
	refs, not, err := asked.choose(s, o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "isf-resample-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	fresh, err := cache.Open(dir, cache.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	d, shut, err := p.sender(ctx, dispatch.Options{Store: fresh, Getenv: o.Getenv, Bounds: p.bounds(o.Budget)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, shut()) }()
	all := resampler{old: s, d: d, models: asked.models, seed: o.Seed, not: not}
	var wg sync.WaitGroup
	room := make(chan struct{}, max(p.Config.WorkerConcurrency, dispatch.DefaultWorkers))
	for _, ref := range refs {
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			all.again(ref)
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		all.stopped = ErrInterrupted
	}
	return all.report(), all.stopped
}

// askable are the models by whose they are, and why some cannot be asked.
type askable struct {
	models  map[string]*dispatch.Model
	problem map[string]string
}

func (p *Project) askable(getenv func(string) string) askable {
	a := askable{map[string]*dispatch.Model{}, map[string]string{}}
	for _, m := range p.Registry.Models() {
		s := sendable(m)
		access := dispatch.AccessTo(s, getenv)
		switch origin := s.Origin(); {
		case a.models[origin] != nil:
		case access.Problem != "":
			a.problem[origin] = access.Problem
		default:
			a.models[origin] = s
		}
	}
	return a
}

// choose takes the answers with the smallest hashes of those that can be asked
// for, and counts the others.
func (a askable) choose(s *cache.Store, o Resampling) (refs []cache.Ref, not map[string]int, err error) {
	type chance struct {
		ref  cache.Ref
		hash [32]byte
	}
	var best []chance
	less := func(a, b chance) int { return slices.Compare(a.hash[:], b.hash[:]) }
	not = map[string]int{}
	err = s.Summaries(func(e cache.Summary) error {
		if a.models[e.Origin] == nil {
			not[cmp.Or(a.problem[e.Origin], "no model of this project is "+e.Origin)]++
			return nil
		}
		c := chance{e.Ref, chosenBy(o.Seed, e.Ref)}
		at, _ := slices.BinarySearchFunc(best, c, less)
		if at < o.Number {
			best = slices.Insert(best, at, c)
			best = best[:min(len(best), o.Number)]
		}
		return nil
	})
	for _, c := range best {
		refs = append(refs, c.ref)
	}
	return refs, not, err
}

// chosenBy decides by seed and content, so the same answers are chosen wherever
// and in whatever order they lie.
func chosenBy(seed int64, ref cache.Ref) [32]byte {
	b := binary.BigEndian.AppendUint64(ref.Key[:], uint64(ref.Limit))
	return cache.DigestOf(binary.BigEndian.AppendUint64(b, uint64(seed)))
}

// A resampler asks again. What follows mu is guarded by it.
type resampler struct {
	old    *cache.Store
	d      *dispatch.Dispatcher
	models map[string]*dispatch.Model
	seed   int64

	mu      sync.Mutex
	answers []Reasked
	not     map[string]int
	sent    int64
	stopped error
}

// again asks for one answer and compares.
func (r *resampler) again(ref cache.Ref) {
	was, m, fs, err := r.request(ref)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.not[err.Error()]++
		return
	}
	tally := new(dispatch.Tally)
	reply, err := r.d.AskFields(context.Background(), m, fs, tally)
	var failed *dispatch.Failed
	var paused *dispatch.Paused
	c := Reasked{Key: ref.Key.String(), Model: m.Name, Finish: Then{Was: was.Finish}, Resolved: Then{Was: was.ModelResolved}, origin: m.Origin()}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent += tally.Sent.Load()
	switch {
	case err == nil:
		c.compare(was, reply.Entry)
	case errors.As(err, &failed), errors.As(err, &paused):
		c.Error = err.Error()
	default: // and all others meet the same
		r.stopped = cmp.Or(r.stopped, err)
		r.not["the run had ended"]++
		return
	}
	r.answers = append(r.answers, c)
}

// errUnreadable is why an answer's request cannot be restored.
var errUnreadable = errors.New("the stored request cannot be read whole; isf cache verify says more")

func (r *resampler) request(ref cache.Ref) (*cache.Entry, *dispatch.Model, cache.Fields, error) {
	was, err := r.old.Lookup(ref)
	if err != nil {
		return nil, nil, nil, errUnreadable
	}
	m := r.models[originOf(was.Fields)]
	fs, err := dispatch.Restore(m, was.Fields)
	if err != nil {
		return nil, nil, nil, err
	}
	return was, m, rerolled(fs, chosenBy(r.seed, ref)), nil
}

func originOf(fs cache.Fields) string {
	i := slices.IndexFunc(fs, func(f cache.Field) bool { return f.Tag == cache.TagOrigin })
	if i < 0 {
		return ""
	}
	return fs[i].Str()
}

// rerolled gives a request a number that no person's reroll has: its body is the
// same, and its key, which goes along as Idempotency-Key, is another, so that no
// provider repeats the answer that it gave.
func rerolled(fs cache.Fields, by [32]byte) cache.Fields {
	fs = slices.DeleteFunc(fs, func(f cache.Field) bool { return f.Tag == cache.TagReroll })
	return append(fs, cache.Int(cache.TagReroll, 1<<62|int64(binary.BigEndian.Uint64(by[:])>>2)))
}
