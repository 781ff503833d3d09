package quality

import (
	"fmt"

	"github.com/identity-shaping/isf/internal/samples"
)

// unreadable names the check of the lines themselves. It cannot be turned off:
// no other check sees what it finds.
const unreadable = "unreadable"

// unreadableCheck finds lines that are no rows, and ids that come twice.
type unreadableCheck struct {
	n, failed   int
	broken      []Example
	brokenLines []int
	samples     bool // some row is a conversation
	ids         map[uint64]bool
	repeated    hits
	noMessages  hits
}

func newUnreadable() *unreadableCheck { return &unreadableCheck{ids: map[uint64]bool{}} }

// look reports whether the row can be checked.
func (c *unreadableCheck) look(l samples.Line, row *samples.Row, err error) bool {
	c.n++
	if err != nil {
		c.brokenLines = append(c.brokenLines, l.Number)
		if len(c.broken) < mostExamples {
			c.broken = append(c.broken, Example{Line: l.Number, Quote: beginning(string(l.Text)), Why: err.Error()})
		}
		return false
	}
	if row.Failed != nil {
		c.failed++
		return false
	}
	s := &sample{Row: row}
	if c.samples = c.samples || len(row.Messages) > 0; c.samples && len(row.Messages) == 0 {
		c.noMessages.add(s, beginning(string(l.Text)), "")
		return false
	}
	if row.ID != "" {
		h := hash(row.ID)
		if c.ids[h] {
			c.repeated.add(s, "", "")
		}
		c.ids[h] = true
	}
	return true
}

func (c *unreadableCheck) report() (string, []Finding) {
	var found []Finding
	if n := len(c.brokenLines); n > 0 {
		found = append(found, Finding{
			Severity: Bad, Count: n, Of: c.n, Examples: c.broken, Lines: c.brokenLines,
			Text: outOf(n, c.n, "line") + " cannot be read",
			Fix:  "write one JSON object to a line, with id and messages; a line cut short is a copy cut short",
		})
	}
	if c.noMessages.n() > 0 {
		found = append(found, c.noMessages.finding(Bad, c.n, outOf(c.noMessages.n(), c.n, "row")+" without messages",
			"a row to train on needs messages: [{role, content}, …]"))
	}
	if c.repeated.n() > 0 {
		found = append(found, c.repeated.finding(Look, c.n, outOf(c.repeated.n(), c.n, "row")+" have the id of an earlier row",
			"give each row an id of its own, so that reviews and rerolls know which one is meant"))
	}
	counted := clean
	if c.failed > 0 {
		counted = fmt.Sprintf("every line is a row; %s left out", count(c.failed, "error row"))
	}
	return counted, found
}
