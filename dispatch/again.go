package dispatch

import (
	"context"
	"fmt"

	"github.com/identity-shaping/isf/cache"
)

// Restore turns the fields that were kept with an answer into a request that m can send. All that
// shapes the answer stays, and so does what the request said about its own transport; how the model
// is called and streamed, and what it shall remember, is as m says now. For the model that was asked
// the fields come out as they went in.
func Restore(m *Model, fs cache.Fields) (cache.Fields, error) {
	l := list{fs: make(cache.Fields, 0, len(fs)+2)}
	for _, f := range fs {
		if f.Tag.Kind() == 0 {
			return nil, fmt.Errorf("the request has a field that this isf does not know (%s); update isf", f.Tag.Name())
		}
		switch f.Tag {
		case cache.TagOrigin:
			if f.Str() != m.Origin() {
				return nil, fmt.Errorf("the request was made to %s, and model %q is %s", f.Str(), m.Name, m.Origin())
			}
			l.add(f)
		case cache.TagWireModel:
			l.place(m)
		case cache.TagStream, cache.TagCacheControl: // the model's, written beside
		default:
			l.add(f)
		}
	}
	l.mark(m)
	return l.fs, l.err
}

// AskFields is Ask for a request that is fields already, of Request.Fields or of Restore.
func (d *Dispatcher) AskFields(ctx context.Context, m *Model, fs cache.Fields, t *Tally) (*Reply, error) {
	a := &asking{d: d, fs: fs, model: m, tally: t}
	if a.tally == nil {
		a.tally = new(Tally)
	}
	a.tally.Total.Add(1)
	e, hit, err := a.answer(ctx)
	if err != nil {
		return nil, err
	}
	if hit {
		a.tally.Hits.Add(1)
		a.tally.SavedNano.Add(e.CostNano)
		if bounded, _ := d.purse.bounded(); bounded {
			d.meters.learn(m, a.tally, e, true)
		}
	}
	return &Reply{Entry: e, Hit: hit, Tries: a.tries}, nil
}
