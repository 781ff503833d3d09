package view

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
)

// A query says which rows of a table are wanted, and in which order.
type query struct {
	Text     string // that the prompt, an answer, the thinking or the id holds
	State    string // one of states, "" for all
	Finding  string // the check that found it
	Review   string // good, bad, any, none
	Source   string
	Score    string
	Min, Max int    // characters of the answer
	Sort     string // one of sorts, "" for the order of the file
	Desc     bool
}

// states are what a row may be filtered by, with the words of the menu.
var states = []struct{ Value, Label string }{
	{"", "all rows"}, {"changed", "changed by the last build"}, {"error", "errors"}, {"pinned", "pinned"}, {"thinking", "with thinking"}, {"broken", "unreadable lines"},
}

// sorts are the columns that a table can be sorted by.
var sorts = map[string]func(a, b *row) int{
	"length":   func(a, b *row) int { return cmp.Compare(a.length, b.length) },
	"thinking": func(a, b *row) int { return cmp.Compare(a.thinking, b.thinking) },
	"turns":    func(a, b *row) int { return cmp.Compare(a.turns, b.turns) },
	"score":    func(a, b *row) int { return cmp.Compare(a.score, b.score) },
	"tokens":   func(a, b *row) int { return cmp.Compare(a.tokens, b.tokens) },
	"cost":     func(a, b *row) int { return cmp.Compare(a.cost, b.cost) },
	"latency":  func(a, b *row) int { return cmp.Compare(a.latency, b.latency) },
}

// readQuery reads what a form sent. What makes no sense is left out.
func readQuery(v url.Values) query {
	q := query{Text: v.Get("q"), State: v.Get("state"), Finding: v.Get("finding"), Review: v.Get("review"), Source: v.Get("source"), Score: v.Get("score"), Sort: v.Get("sort"), Desc: v.Get("desc") != ""}
	q.Min, _ = strconv.Atoi(v.Get("min"))
	q.Max, _ = strconv.Atoi(v.Get("max"))
	if sorts[q.Sort] == nil {
		q.Sort = ""
	}
	return q
}

// Values is the query as it stands in an address.
func (q query) Values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			v.Set(name, value)
		}
	}
	set("q", q.Text)
	set("state", q.State)
	set("finding", q.Finding)
	set("review", q.Review)
	set("source", q.Source)
	set("score", q.Score)
	set("min", strconv.Itoa(q.Min))
	set("max", strconv.Itoa(q.Max))
	set("sort", q.Sort)
	if q.Desc {
		v.Set("desc", "1")
	}
	return v
}

// filters reports whether some rows are left out.
func (q query) filters() bool {
	q.Sort, q.Desc = "", false
	return q != query{}
}

// results are the rows that recent queries found, so that the second page of a
// search costs no second search.
type results struct {
	mu    sync.Mutex
	by    map[string][]int32
	order []string
}

const mostResults = 8

func newResults() *results { return &results{by: map[string][]int32{}} }

func (r *results) get(key string) ([]int32, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.by[key]
	return found, ok
}

func (r *results) put(key string, found []int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.order) == mostResults {
		delete(r.by, r.order[0])
		r.order = r.order[1:]
	}
	r.by[key], r.order = found, append(r.order, key)
}

// A selection is what a query found in a table.
type selection struct {
	t     *table
	rows  []int32 // nil: all, in the order of the file
	total int
	whole bool // the table is known well enough to answer
}

// at is the index of the nth row of the selection.
func (s selection) at(n int) int {
	if s.rows == nil {
		return n
	}
	return int(s.rows[n])
}

// choose answers a query. book and found are asked only where the query needs them.
func (t *table) choose(ctx context.Context, q query, book *reviews.Book, found samples.Filter) (selection, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.err != nil {
		return selection{}, t.err
	}
	if !q.filters() && q.Sort == "" {
		return selection{t: t, total: len(t.rows), whole: t.complete}, nil
	}
	key := q.Values().Encode()
	cached := t.complete && q.Review == "" && q.Finding == ""
	if rows, ok := t.results.get(key); ok && cached {
		return selection{t: t, rows: rows, total: len(rows), whole: true}, nil
	}
	rows, err := t.matching(ctx, q, book, found)
	if err != nil {
		return selection{}, err
	}
	if by := sorts[q.Sort]; by != nil {
		slices.SortStableFunc(rows, func(a, b int32) int {
			if q.Desc {
				a, b = b, a
			}
			return by(&t.rows[a], &t.rows[b])
		})
	}
	if cached {
		t.results.put(key, rows)
	}
	return selection{t: t, rows: rows, total: len(rows), whole: t.complete}, nil
}

// matching returns the rows that fit, in the order of the file. t.mu is held.
func (t *table) matching(ctx context.Context, q query, book *reviews.Book, found samples.Filter) ([]int32, error) {
	var candidates []int32
	for i := range t.detailed {
		if t.fits(&t.rows[i], q, book) {
			candidates = append(candidates, int32(i))
		}
	}
	if q.Text == "" && found == nil {
		return append([]int32{}, candidates...), nil
	}
	return t.searched(ctx, candidates, q.Text, found)
}

// fits looks at what the index knows of a row. t.mu is held.
func (t *table) fits(r *row, q query, book *reviews.Book) bool {
	switch {
	case q.State == "changed" && !r.is(isChanged), q.State == "pinned" && !r.is(isPinned), q.State == "thinking" && r.thinking == 0, q.State == "broken" && !r.is(isBroken):
		return false
	case q.Source != "" && t.sources[r.source] != q.Source:
		return false
	case q.Min > 0 && int(r.length) < q.Min, q.Max > 0 && int(r.length) > q.Max:
		return false
	case q.Score != "" && (!r.is(hasScore) || scoreText(r.score) != q.Score):
		return false
	case q.Review != "" && r.is(isBroken): // nobody can say whether it is good
		return false
	case q.Review != "" && book != nil:
		v, judged := book.ByDigest(hex.EncodeToString(r.digest[:]))
		return q.Review == "none" && !judged || q.Review == "any" && judged || judged && string(v.Verdict) == q.Review
	}
	return true
}

func scoreText(s float32) string { return strconv.FormatFloat(float64(s), 'g', -1, 32) }

// searched reads the rows themselves, side by side. A row whose bytes cannot
// hold the text is not decoded.
func (t *table) searched(ctx context.Context, rows []int32, want string, found samples.Filter) ([]int32, error) {
	s := newSearch(want, found)
	hits := make([][]int32, readers)
	var wg sync.WaitGroup
	for part := range readers {
		low, high := part*len(rows)/readers, (part+1)*len(rows)/readers
		wg.Go(func() {
			var buf []byte
			for _, i := range rows[low:high] {
				if ctx.Err() != nil {
					return
				}
				r := t.rows[i]
				buf = slices.Grow(buf[:0], int(r.size))[:r.size]
				if _, err := t.file.ReadAt(buf, r.at); err == nil && s.holds(samples.Line{Number: int(r.line), Text: bytes.TrimSpace(buf)}) {
					hits[part] = append(hits[part], i)
				}
			}
		})
	}
	wg.Wait()
	return append([]int32{}, slices.Concat(hits...)...), ctx.Err()
}

// A search looks for a text in what a row says.
type search struct {
	low   string // the text in lower case
	plain bool   // the text stands in JSON as it is, but for its case
	found samples.Filter
}

// scaffold is what stands in the JSON of every conversation.
const scaffold = `[{"role":"user","content":"system","content":"assistant","content":""},{"weight":null}]`

func newSearch(want string, found samples.Filter) search {
	s := search{low: strings.ToLower(want), found: found}
	s.plain = !strings.ContainsFunc(want, func(r rune) bool { return r < ' ' || r >= 0x7f || strings.ContainsRune("\"\\<>&'", r) })
	return s
}

func (s search) holds(l samples.Line) bool {
	if s.found != nil {
		if ok, err := s.found(l); err != nil || !ok {
			return false
		}
	}
	switch {
	case s.low == "":
		return true
	case s.plain && !containsFold(l.Text, []byte(s.low)):
		return false
	case s.plain && !strings.Contains(scaffold, s.low) && s.said(l.Text):
		return true
	}
	row, err := outlined(l)
	if err != nil {
		return strings.Contains(strings.ToLower(string(l.Text)), s.low)
	}
	return s.in(row.Row)
}

// said looks into the id and the messages of a line without decoding them.
func (s search) said(line []byte) bool {
	found := false
	each(line, func(name, value []byte) {
		if string(name) == "id" || string(name) == "messages" {
			found = found || containsFold(value, []byte(s.low))
		}
	})
	return found
}

func (s search) in(row *samples.Row) bool {
	texts := []string{row.ID}
	for _, m := range row.Messages {
		texts = append(texts, m.Content)
	}
	if row.Failed != nil {
		texts = append(texts, row.Failed.Kind, row.Failed.Message)
	} else if row.Messages == nil {
		texts = append(texts, tableText(row))
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), s.low) })
}

// containsFold looks for lower-case ASCII in any letter case.
func containsFold(text, low []byte) bool {
	a, b := low[0], low[0]
	if a >= 'a' && a <= 'z' {
		b = a - 'a' + 'A'
	}
	for len(text) >= len(low) {
		i := bytes.IndexByte(text, a)
		if a != b {
			head := text
			if i >= 0 {
				head = text[:i]
			}
			if j := bytes.IndexByte(head, b); j >= 0 {
				i = j
			}
		}
		if i < 0 || len(text)-i < len(low) {
			return false
		}
		if bytes.EqualFold(text[i:i+len(low)], low) {
			return true
		}
		text = text[i+1:]
	}
	return false
}
