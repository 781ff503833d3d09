package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/worddiff"
)

// Resampled is how far models still say what they said, in the shape that
// scripts may rely on.
type Resampled struct {
	Seed     int64        `json:"seed"`
	Models   []*Agreement `json:"models"`
	NotAsked []NotAsked   `json:"not_asked"`
	Answers  []Reasked    `json:"answers"` // in the order of their keys
	Sent     int64        `json:"sent"`    // tries, repeated ones included
	Cost     *float64     `json:"cost_usd"`
}

// An Agreement adds up one model's answers.
type Agreement struct {
	Model      string   `json:"model"` // of the project, that was asked
	Origin     string   `json:"origin"`
	Asked      int      `json:"asked"`
	Failed     int      `json:"failed"`    // of these, without an answer
	Identical  int      `json:"identical"` // answers with the same text
	SameFinish int      `json:"same_finish_reason"`
	SameModel  int      `json:"same_model_resolved"`
	Similarity *float64 `json:"similarity"` // mean over the answers that are not identical; null if there are none
	Cost       *float64 `json:"cost_usd"`   // null where unknown

	alike    float64 // sum over the answers that are not identical
	costNano int64
	unpriced bool
}

// Answered is how many answers there are to compare.
func (m *Agreement) Answered() int { return m.Asked - m.Failed }

// NotAsked counts answers that cannot be asked for again.
type NotAsked struct {
	Reason  string `json:"reason"`
	Answers int    `json:"answers"`
}

// A Reasked is one request and how its two answers compare.
type Reasked struct {
	Key        string   `json:"key"`
	Model      string   `json:"model"`
	Identical  bool     `json:"identical"`
	Similarity float64  `json:"similarity"` // of the texts, word by word, 0 to 1
	Finish     Then     `json:"finish_reason"`
	Resolved   Then     `json:"model_resolved"`
	Cost       *float64 `json:"cost_usd"`        // of the new answer; null where unknown
	Error      string   `json:"error,omitempty"` // why there is no new answer

	origin   string
	costNano int64
}

// Then is what something was, and what it is now.
type Then struct {
	Was string `json:"was"`
	Now string `json:"now"`
}

// Unanswered is how many requests failed. A nil Resampled has none.
func (r *Resampled) Unanswered() (n int) {
	if r == nil {
		return 0
	}
	for _, m := range r.Models {
		n += m.Failed
	}
	return n
}

func (c *Reasked) compare(was, now *cache.Entry) {
	c.Identical, c.Similarity = was.Text == now.Text, worddiff.Alike(was.Text, now.Text)
	c.Finish.Now, c.Resolved.Now = now.Finish, now.ModelResolved
	c.costNano, c.Cost = now.CostNano, dollars(now.CostNano, now.CostKnown)
}

func dollars(nano int64, known bool) *float64 {
	if !known {
		return nil
	}
	return new(float64(nano) / 1e9)
}

// agreements adds up comparisons by whose answers they are.
func agreements(all []Reasked) []*Agreement {
	models := map[string]*Agreement{}
	for _, c := range all {
		if models[c.origin] == nil {
			models[c.origin] = &Agreement{Model: c.Model, Origin: c.origin}
		}
		models[c.origin].add(c)
	}
	out := make([]*Agreement, 0, len(models))
	for _, origin := range slices.Sorted(maps.Keys(models)) {
		m := models[origin]
		m.Cost = dollars(m.costNano, !m.unpriced)
		if n := m.Answered() - m.Identical; n > 0 {
			m.Similarity = new(m.alike / float64(n))
		}
		out = append(out, m)
	}
	return out
}

func (m *Agreement) add(c Reasked) {
	m.Asked++
	if c.Error != "" {
		m.Failed++
		return
	}
	m.costNano += c.costNano
	m.unpriced = m.unpriced || c.Cost == nil
	if c.Finish.Was == c.Finish.Now {
		m.SameFinish++
	}
	if c.Resolved.Was == c.Resolved.Now {
		m.SameModel++
	}
	if c.Identical {
		m.Identical++
	} else {
		m.alike += c.Similarity
	}
}

// report is all that was found.
func (r *resampler) report() *Resampled {
	out := &Resampled{Seed: r.seed, NotAsked: []NotAsked{}, Answers: append([]Reasked{}, r.answers...), Sent: r.sent}
	slices.SortFunc(out.Answers, func(a, b Reasked) int { return cmp.Compare(a.Key, b.Key) })
	out.Models = agreements(out.Answers)
	nano, known := int64(0), true
	for _, m := range out.Models {
		nano, known = nano+m.costNano, known && !m.unpriced
	}
	out.Cost = dollars(nano, known)
	for _, reason := range slices.Sorted(maps.Keys(r.not)) {
		out.NotAsked = append(out.NotAsked, NotAsked{reason, r.not[reason]})
	}
	return out
}
