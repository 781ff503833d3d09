package view

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

// pageRows is how many rows a page of a table has.
const pageRows = 50

// patience is how long a page waits for the index of a file before it shows what
// is known, and asks again.
const patience = 150 * time.Millisecond

// A rowsView is one page of a table.
type rowsView struct {
	Target  string
	Query   query
	Said    string // what the total counts
	First   string // headings of the two texts
	Second  string
	Rows    []rowView
	Total   int
	Page    int
	Pages   int
	From    int
	Whole   bool // false: more is to come
	Known   int  // rows whose details are known
	All     int
	Usage   bool // there are columns of what the answers took
	Priced  bool // and of what they cost
	Scored  bool
	Turns   bool // some row is a conversation
	Columns []column
	Error   string
	Took    time.Duration
}

// A column is a heading that sorts.
type column struct {
	Name, Label, Class string
	Link               string
	Sorted             string // ascending, descending or ""
}

type rowView struct {
	Line           int
	ID             string
	Link           string
	First, Second  string // what its two texts are, where it is no conversation
	Prompt, Answer string
	Length         int
	Turns          int
	Tokens         string
	Cost           string
	Latency        string
	Score          string
	Marks          []string
	Kind           string // of an error
	Verdict        string
}

func (s *Studio) rowsPart(w http.ResponseWriter, r *http.Request) {
	v, _, err := s.rowsView(r, r.PathValue("name"))
	if err != nil {
		v = &rowsView{Target: r.PathValue("name"), Error: err.Error(), Whole: true}
	}
	if r.Header.Get("HX-Trigger") == "filters" { // what was asked for can be kept, and gone back to
		w.Header().Set("HX-Replace-Url", "/t/"+v.Target+v.Address(v.Page))
	}
	s.part(w, "target", "rows", v)
}

// rowsView finds the page of rows that a request asks for.
func (s *Studio) rowsView(r *http.Request, name string) (*rowsView, *table, error) {
	began := time.Now()
	q := readQuery(r.URL.Query())
	t, sel, book, err := s.selected(r, name, q)
	if err != nil {
		return nil, nil, err
	}
	v := &rowsView{Target: name, Query: q, First: "prompt", Second: "answer", Total: sel.total, Whole: sel.whole}
	v.Pages = max(1, (sel.total+pageRows-1)/pageRows)
	v.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	v.Page = min(max(v.Page, 1), v.Pages)
	v.From = (v.Page - 1) * pageRows
	t.mu.RLock()
	v.Known, v.All = t.detailed, len(t.rows)
	v.said()
	var chosen []row
	for n := v.From; n < min(sel.total, v.From+pageRows); n++ {
		chosen = append(chosen, t.rows[sel.at(n)])
	}
	t.mu.RUnlock()
	for n, one := range chosen {
		rv := t.rowView(one, name, q, v.From+n, book)
		v.Rows = append(v.Rows, rv)
		if n == 0 && rv.First != "" {
			v.First, v.Second = rv.First, rv.Second
		}
		v.Turns = v.Turns || one.turns > 0
		v.Usage, v.Priced = v.Usage || one.is(hasUsage), v.Priced || one.cost > 0
		v.Scored = v.Scored || one.is(hasScore)
	}
	v.columns()
	v.Took = time.Since(began)
	return v, t, nil
}

// said words what the total counts.
func (v *rowsView) said() {
	noun := func(one string) string {
		_, text, _ := strings.Cut(count(v.Total, one), " ")
		return text
	}
	switch q := v.Query; {
	case q.State == "error" && q == query{State: "error", Sort: q.Sort, Desc: q.Desc}:
		v.Said = noun("record") + " that failed"
	case q.State == "error":
		v.Said = fmt.Sprintf("of %s records that failed", term.Count(int64(v.All)))
	case q.filters():
		v.Said = fmt.Sprintf("of %s rows", term.Count(int64(v.All)))
	default:
		v.Said = noun("row")
	}
}

// selected answers the query of a request, with what is known after a moment.
func (s *Studio) selected(r *http.Request, name string, q query) (*table, selection, *reviews.Book, error) {
	t, err := s.tables.of(name, q.State == "error")
	if os.IsNotExist(err) && q.State == "error" {
		return nil, selection{}, nil, fmt.Errorf("no record of %s failed in its last build", name)
	}
	if err != nil {
		return nil, selection{}, nil, err
	}
	t.wait(r.Context(), patience, func() bool { return false })
	book, err := reviews.Open(t.path)
	if err != nil {
		return nil, selection{}, nil, err
	}
	found, err := s.foundBy(r, name, q.Finding)
	if err != nil {
		return nil, selection{}, nil, err
	}
	sel, err := t.choose(r.Context(), q, book, found)
	return t, sel, book, err
}

// foundBy accepts the rows that a check found. It waits for the checks: the
// filter was asked for.
func (s *Studio) foundBy(r *http.Request, name, check string) (samples.Filter, error) {
	if check == "" {
		return nil, nil
	}
	rep, err := s.reports.of(name)
	if err != nil {
		return nil, err
	}
	select {
	case <-rep.done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if rep.err != nil {
		return nil, rep.err
	}
	if f, ok := rep.what.Filter(check); ok {
		return f, nil
	}
	return func(samples.Line) (bool, error) { return false, nil }, nil
}

func (t *table) rowView(one row, target string, q query, n int, book *reviews.Book) rowView {
	if one.digest == [16]byte{} { // its details are not known yet
		one = t.details([]row{one})[0].row
	}
	v := rowView{Line: int(one.line), Length: int(one.length), Turns: int(one.turns)}
	link := q.Values()
	link.Set("n", strconv.Itoa(n))
	s, err := t.read(one)
	if err != nil {
		v.Kind, v.Answer = "unreadable", err.Error()
		return v
	}
	v.ID, v.Link = s.ID, recordLink(target, s.ID, link)
	v.Prompt, v.Answer = excerpt(120, s.Prompt()), excerpt(200, s.Answer())
	if s.Messages == nil && s.Failed == nil {
		v.First, v.Second, v.Prompt, v.Answer = tableCells(s)
	}
	if s.Failed != nil {
		asked, _ := s.Tried()
		v.Kind, v.Prompt, v.Answer = s.Failed.Kind, excerpt(120, asked), excerpt(220, s.Failed.Message)
	}
	if one.is(hasScore) {
		v.Score = scoreText(one.score)
	}
	if one.is(hasUsage) {
		v.Tokens, v.Latency = term.Short(int64(one.tokens)), secondsText(float64(one.latency))
		if one.cost > 0 {
			v.Cost = term.Money(one.cost)
		}
	}
	if one.is(isChanged) {
		v.Marks = append(v.Marks, "changed")
	}
	if one.is(isPinned) {
		v.Marks = append(v.Marks, "pinned")
	}
	if judged, ok := book.ByDigest(hex.EncodeToString(one.digest[:])); ok {
		v.Verdict = string(judged.Verdict)
	}
	return v
}

// secondsText is a time that may be short.
func secondsText(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.1f ms", s*1000)
	}
	return fmt.Sprintf("%.1f s", s)
}

// tableCells are the first two texts of a row that is no conversation, and their
// names.
func tableCells(s *samples.Row) (first, second, one, other string) {
	var texts []samples.Text
	for _, t := range samples.Texts(s.Text) {
		if t.Label != "provenance" && t.Label != "pinned" {
			texts = append(texts, t)
		}
	}
	for len(texts) < 2 {
		texts = append(texts, samples.Text{})
	}
	return excerpt(40, texts[0].Label), excerpt(40, texts[1].Label), excerpt(140, texts[0].Body), excerpt(220, texts[1].Body)
}

// columns are the headings, each with the address that sorts by it.
func (v *rowsView) columns() {
	all := []column{{Name: "length", Label: "length", Class: "num"}}
	if v.Turns {
		all = append(all, column{Name: "turns", Label: "turns", Class: "num wide"})
	}
	if v.Scored || v.Query.Score != "" {
		all = append(all, column{Name: "score", Label: "score", Class: "num"})
	}
	if v.Usage {
		all = append(all, column{Name: "tokens", Label: "tokens", Class: "num wide"}, column{Name: "latency", Label: "took", Class: "num wide"})
	}
	if v.Priced {
		all = append(all, column{Name: "cost", Label: "cost", Class: "num wide"})
	}
	for i := range all {
		q := v.Query
		q.Sort, q.Desc = all[i].Name, true
		if v.Query.Sort == all[i].Name {
			all[i].Sorted = "ascending"
			if v.Query.Desc {
				all[i].Sorted = "descending"
			}
			q.Desc = !v.Query.Desc
		}
		all[i].Link = "?" + q.Values().Encode()
	}
	v.Columns = all
}

// Address is that of a page of the same query.
func (v *rowsView) Address(page int) string {
	q := v.Query.Values()
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return "?" + q.Encode()
}

// menusView are the sources and scores that occur, which are known once all rows
// have been read.
type menusView struct {
	Target          string
	Query           query
	Sources, Scores []string
	Whole           bool
}

// Address is that of the same query.
func (v *menusView) Address() string { return "?" + v.Query.Values().Encode() }

func (s *Studio) menusPart(w http.ResponseWriter, r *http.Request) {
	name, q := r.PathValue("name"), readQuery(r.URL.Query())
	t, err := s.tables.of(name, q.State == "error")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	t.wait(r.Context(), patience, func() bool { return false })
	s.part(w, "target", "menus", t.menus(name, q))
}

func (t *table) menus(name string, q query) *menusView {
	t.mu.RLock()
	defer t.mu.RUnlock()
	v := &menusView{Target: name, Query: q, Whole: t.complete || t.err != nil}
	v.Sources = slices.Sorted(slices.Values(t.sources[1:]))
	seen := map[string]bool{}
	for i := range t.rows[:t.detailed] {
		if t.rows[i].is(hasScore) && len(seen) < 50 {
			seen[scoreText(t.rows[i].score)] = true
		}
	}
	v.Scores = slices.Sorted(maps.Keys(seen))
	return v
}
