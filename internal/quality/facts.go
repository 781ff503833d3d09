package quality

import (
	"encoding/json"
	"fmt"

	"github.com/identity-shaping/isf/internal/term"
)

// facts counts the different facts that samples were made of. A few dozen that
// are told in many ways are learnt; hundreds that are told once are not.
type facts struct {
	limit   int
	n       int
	seen    map[uint64]bool
	extreme []Example
}

func newFacts(o *Options) check { return &facts{limit: o.Limits.MaxFacts, seen: map[uint64]bool{}} }

func (c *facts) look(s *sample) {
	fact, ok := factOf(s)
	if !ok {
		return
	}
	c.n++
	h := hash(fact)
	if !c.seen[h] && len(c.extreme) < mostExamples {
		c.extreme = append(c.extreme, s.example(beginning(fact), ""))
	}
	c.seen[h] = true
}

// factOf is the fact that a row is about: of a table its field "fact", of a
// sample that of its meta or its input.
func factOf(s *sample) (string, bool) {
	if v, ok := s.Meta["fact"]; ok {
		return string(v), true
	}
	var row struct {
		Fact  json.RawMessage `json:"fact"`
		Input struct {
			Fact json.RawMessage `json:"fact"`
		} `json:"input_data"`
	}
	_ = json.Unmarshal(s.Text, &row) // an input that is no object has no fact
	if len(row.Fact) > 0 {
		return string(row.Fact), true
	}
	return string(row.Input.Fact), len(row.Input.Fact) > 0
}

func (c *facts) report() (string, []Finding) {
	if c.n == 0 {
		return "", nil
	}
	each := float64(c.n) / float64(len(c.seen))
	counted := fmt.Sprintf("%s, each in %.1f rows", count(len(c.seen), "different fact"), each)
	if len(c.seen) <= c.limit {
		return counted, nil
	}
	return "", []Finding{{
		Severity: Look, Count: len(c.seen), Of: c.n, Examples: c.extreme,
		Text: fmt.Sprintf("%s, where %s can be learnt well", counted, term.Count(int64(c.limit))),
		Fix:  "narrow the narrative to what matters, or join facts that say nearly the same",
	}}
}
