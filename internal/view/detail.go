package view

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/think"
)

// detailBatch is how many rows are decoded between two moments at which readers
// may look.
const detailBatch = 512

// readers is how many goroutines decode rows: enough to be done soon, and few
// enough that a build beside it does not notice.
const readers = 2

// detail reads what a table can be filtered and sorted by.
func (t *table) detail(ctx context.Context) error {
	for from := 0; from < len(t.rows) && ctx.Err() == nil; from += readers * detailBatch {
		var wg sync.WaitGroup
		parts := make([][]detailed, readers)
		for i := range readers {
			low := min(len(t.rows), from+i*detailBatch)
			part := t.rows[low:min(len(t.rows), low+detailBatch)]
			wg.Go(func() { parts[i] = t.details(part) })
		}
		wg.Wait()
		t.tell(func() {
			at := from
			for _, part := range parts {
				for _, d := range part {
					t.take(at, d)
					at++
				}
			}
			t.detailed = at
		})
	}
	return ctx.Err()
}

// detailed is a row with the texts that the table keeps once for all rows.
type detailed struct {
	row
	from    string // its source
	opening string
}

func (t *table) details(rows []row) []detailed {
	out := make([]detailed, len(rows))
	for i, r := range rows {
		out[i] = detailed{row: r}
		s, err := t.outline(r)
		if err != nil {
			out[i].flags |= isBroken
			continue
		}
		out[i].fill(s)
	}
	return out
}

// take puts a row's details in their place. t.mu is held.
func (t *table) take(at int, d detailed) {
	d.source = t.sourceNumber(d.from)
	t.openings.add(d.opening)
	t.rows[at] = d.row
}

// sourceNumber keeps the name of a source. t.mu is held.
func (t *table) sourceNumber(name string) uint16 {
	for i, known := range t.sources {
		if known == name {
			return uint16(i)
		}
	}
	const most = 1000 // names beyond are no sources but something else
	if len(t.sources) >= most {
		return 0
	}
	t.sources = append(t.sources, name)
	return uint16(len(t.sources) - 1)
}

func (d *detailed) fill(s outline) {
	d.id = hashID(s.ID)
	sum, _ := hex.DecodeString(reviews.Digest(s.Row))
	copy(d.digest[:], sum)
	d.turns = int16(min(len(s.Messages), math.MaxInt16))
	answer := s.Answer()
	switch {
	case s.Failed != nil:
		_, answer = s.Tried()
		d.flags |= isFailed
	case s.Messages == nil:
		answer = tableText(s.Row)
	}
	d.length = int32(utf8.RuneCountInString(answer))
	d.opening = opening(answer)
	for _, m := range s.Messages {
		if m.Role == "assistant" {
			thinking, _ := think.Extract(m.Content)
			d.thinking += int32(utf8.RuneCountInString(thinking))
		}
	}
	d.fields(s)
}

// fields reads the fields that the table has a column for.
func (d *detailed) fields(s outline) {
	if s.pinned {
		d.flags |= isPinned
	}
	if score, err := strconv.ParseFloat(text(first(s.Meta["score"], s.score)), 32); err == nil {
		d.score = float32(score)
		d.flags |= hasScore
	}
	d.from = text(first(s.Meta["source"], s.source, s.Meta["category"], s.category, s.Meta["section"], s.section))
}

// first is the first value that there is.
func first(values ...json.RawMessage) json.RawMessage {
	for _, v := range values {
		if len(v) > 0 && string(v) != "null" {
			return v
		}
	}
	return nil
}

// text is a value without the quotes of a string.
func text(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// tableText is what a row that is no conversation says.
func tableText(s *samples.Row) string {
	for _, t := range samples.Texts(s.Text) {
		if t.Label != "provenance" && t.Label != "pinned" {
			return t.Body
		}
	}
	return ""
}
