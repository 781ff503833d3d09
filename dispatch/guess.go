package dispatch

import (
	"sync"

	"github.com/identity-shaping/isf/cache"
)

const (
	// usualBytes is the size of a token of English text.
	usualBytes = 4
	// usualTokens is the length of an answer of a few paragraphs.
	usualTokens = 400
)

// A meter knows what requests of one model, for one target, took so far.
type meter struct {
	bytes, prompt, completion, counted int64
	cost, priced, answers              int64 // answers are those that were sent for
}

type meterKey struct {
	model *Model
	tally *Tally
}

// meters guess what a request will take: by what the API counted for the same model and target, else
// for the same model, else by what is usual.
type meters struct {
	mu    sync.Mutex
	known map[meterKey]*meter
}

func (ms *meters) of(m *Model, t *Tally) (out []meter) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for _, k := range []meterKey{{m, t}, {m, nil}} {
		if known := ms.known[k]; known != nil {
			out = append(out, *known)
		}
	}
	return out
}

// learn counts an answer. One of the cache tells as well what others will take, but not whether the provider
// says what they cost: it may be from before.
func (ms *meters) learn(m *Model, t *Tally, e *cache.Entry, hit bool) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if ms.known == nil {
		ms.known = map[meterKey]*meter{}
	}
	for _, k := range []meterKey{{m, t}, {m, nil}} {
		if ms.known[k] == nil {
			ms.known[k] = &meter{}
		}
		ms.known[k].add(e)
		if !hit {
			ms.known[k].answers++
		}
	}
}

func (mt *meter) add(e *cache.Entry) {
	if e.Usage.Known {
		mt.bytes += textBytes(e.Fields)
		mt.prompt += e.Usage.Prompt
		mt.completion += e.Usage.Completion
		mt.counted++
	}
	if e.CostKnown {
		mt.cost += e.CostNano
		mt.priced++
	}
}

// unbilled says that the model answered, and never said what that cost.
func (ms *meters) unbilled(m *Model) bool {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	mt := ms.known[meterKey{m, nil}]
	return mt != nil && mt.answers > 0 && mt.priced == 0
}

// guess is what the request may take. blind says that nothing is known of its cost.
func (ms *meters) guess(m *Model, t *Tally, fs cache.Fields) hold {
	prompt, completion := textBytes(fs)/usualBytes, int64(usualTokens)
	cost, blind := int64(0), true
	for _, mt := range ms.of(m, t) {
		if mt.counted > 0 && mt.bytes > 0 {
			prompt = int64(float64(textBytes(fs)) * float64(mt.prompt) / float64(mt.bytes))
			completion = mt.completion / mt.counted
		}
		if mt.priced > 0 {
			cost, blind = mt.cost/mt.priced, false
		}
		if mt.counted > 0 {
			break
		}
	}
	if limit := fs.Limit(); limit > 0 {
		completion = min(completion, limit)
	}
	if p, known := m.PriceKnown(); known {
		cost, blind = p.Cost(prompt, 0, completion), false
	}
	return hold{Spend{CostNano: cost, Requests: 1, Tokens: prompt + completion}, blind}
}

// textBytes is how much text a request has.
func textBytes(fs cache.Fields) (n int64) {
	for _, f := range fs {
		if f.Tag.Class() == cache.Text {
			n += int64(len(f.Value))
		}
	}
	return n
}
