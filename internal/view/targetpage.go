package view

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
)

// pageRows is how many rows a page of a table has.
const pageRows = 50

// patience is how long a page waits for the index of a file before it shows what
// is known, and asks again.
const patience = 150 * time.Millisecond

// A targetPage is a target with its rows.
type targetPage struct {
	Name    string
	Status  targetView
	Parts   []graph.Part
	History []logLine
	Rows    *rowsView
	Missing string // why there are no rows
	Menus   *menusView
	Query   query
	States  any
	Checks  []string
	Sorts   []string
}

// A logLine is one build of the target.
type logLine struct {
	Build  engine.LoggedBuild
	Target engine.LoggedTarget
	Cost   string
}

// A rowsView is one page of a table.
type rowsView struct {
	Target   string
	Query    query
	Filtered bool // some rows are left out
	Rows     []rowView
	Total    int
	Page     int
	Pages    int
	From     int
	Whole    bool // false: more is to come
	Known    int  // rows whose details are known
	All      int
	Usage    bool // there are columns of what the answers took
	Priced   bool // and of what they cost
	Scored   bool
	Columns  []column
	Error    string
	Took     time.Duration
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

func (s *Studio) targetPage(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	now, err := s.survey()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	st := now.status(name)
	if st == nil {
		s.fail(w, r, fmt.Errorf("%w as %q in this project", errNoTarget, name))
		return
	}
	p := targetPage{Name: name, Parts: st.Parts, Query: readQuery(r.URL.Query()), States: states, Checks: quality.Names(), Sorts: slices.Sorted(maps.Keys(sorts))}
	p.Status = targetView{Name: name, Mark: stateMark(st.State), Kind: st.Target.Kind, State: st.State, Records: st.Records, Noun: st.Target.Kind.Noun(), Errors: st.Errors, Reasons: st.Reasons, Cost: s.costs()[name]}
	p.History = s.history(name)
	rows, t, err := s.rowsView(r, name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		p.Missing = "It has no rows yet: isf build " + name + " makes them."
	case err != nil:
		p.Missing = err.Error()
	default:
		p.Rows = rows
		p.Menus = t.menus(name, p.Query)
	}
	s.page(w, r, "target", name, "graph", p)
}

// history are the last builds of a target, newest first.
func (s *Studio) history(name string) (out []logLine) {
	_ = s.with(func(w *Workspace) error {
		builds, err := w.Log(engine.EveryRun)
		for _, b := range slices.Backward(builds) {
			for _, t := range b.Targets {
				if t.Name == name && len(out) < 50 {
					line := logLine{Build: b, Target: t}
					if t.Priced && t.CostNano > 0 {
						line.Cost = term.Money(t.CostNano)
					}
					out = append(out, line)
				}
			}
		}
		return err
	})
	return out
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
	v := &rowsView{Target: name, Query: q, Filtered: q.filters(), Total: sel.total, Whole: sel.whole}
	v.Pages = max(1, (sel.total+pageRows-1)/pageRows)
	v.Page, _ = strconv.Atoi(r.URL.Query().Get("page"))
	v.Page = min(max(v.Page, 1), v.Pages)
	v.From = (v.Page - 1) * pageRows
	t.mu.RLock()
	v.Known, v.All = t.detailed, len(t.rows)
	var chosen []row
	for n := v.From; n < min(sel.total, v.From+pageRows); n++ {
		chosen = append(chosen, t.rows[sel.at(n)])
	}
	t.mu.RUnlock()
	for n, one := range chosen {
		v.Rows = append(v.Rows, t.rowView(one, name, q, v.From+n, book))
		v.Usage, v.Priced = v.Usage || one.is(hasUsage), v.Priced || one.cost > 0
		v.Scored = v.Scored || one.is(hasScore)
	}
	v.columns()
	v.Took = time.Since(began)
	return v, t, nil
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
		v.Prompt, v.Answer = tableCells(s)
	}
	if s.Failed != nil {
		v.Kind, v.Answer = s.Failed.Kind, excerpt(220, s.Failed.Message)
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

// tableCells are the first two texts of a row that is no conversation.
func tableCells(s *samples.Row) (one, other string) {
	var texts []string
	for _, t := range samples.Texts(s.Text) {
		if t.Label != "provenance" && t.Label != "pinned" {
			texts = append(texts, t.Body)
		}
	}
	for len(texts) < 2 {
		texts = append(texts, "")
	}
	return excerpt(140, texts[0]), excerpt(220, texts[1])
}

// columns are the headings, each with the address that sorts by it.
func (v *rowsView) columns() {
	all := []column{{Name: "length", Label: "length", Class: "num"}, {Name: "turns", Label: "turns", Class: "num wide"}}
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

// A plotsView is what a target's numbers look like.
type plotsView struct {
	Target string
	Charts []*Chart
	Whole  bool
	Error  string
}

func (s *Studio) plotsPart(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	v := plotsView{Target: name, Whole: true}
	t, err := s.tables.of(name, false)
	if err != nil {
		v.Error = err.Error()
	} else {
		t.wait(r.Context(), patience, func() bool { return false })
		v.Charts, v.Whole = t.charts(name)
	}
	s.part(w, "target", "plots", v)
}

func (t *table) charts(name string) (charts []*Chart, whole bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var lengths, thinking, tokens, cost, latency []float64
	scores, sources := map[string]int{}, map[string]int{}
	for i := range t.rows[:t.detailed] {
		r := &t.rows[i]
		lengths = append(lengths, float64(r.length))
		if r.thinking > 0 {
			thinking = append(thinking, float64(r.thinking))
		}
		if r.is(hasUsage) {
			tokens, latency = append(tokens, float64(r.tokens)), append(latency, float64(r.latency))
			if r.cost > 0 {
				cost = append(cost, float64(r.cost))
			}
		}
		if r.is(hasScore) {
			scores[scoreText(r.score)]++
		}
		if r.source > 0 {
			sources[t.sources[r.source]]++
		}
	}
	number := func(f float64) string { return term.Count(int64(f)) }
	to := func(q query) string { return "/t/" + name + "?" + q.Values().Encode() }
	openings, counts := t.openings.most(10)
	for _, c := range []*Chart{
		histogram("Length of answers, in characters", lengths, number, func(low, high float64) string {
			return to(query{Min: int(low), Max: int(high) + 1, Sort: "length"})
		}),
		histogram("Length of thinking, in characters", thinking, number, nil),
		histogram("Tokens of a row's requests", tokens, number, nil),
		histogram("Cost of a row's requests", cost, func(f float64) string { return term.Money(int64(f)) }, nil),
		histogram("Time of a row's requests", latency, secondsText, nil),
		byName("Scores", scores, func(name string) string { return to(query{Score: name}) }),
		byName("Sources", sources, func(name string) string { return to(query{Source: name}) }),
		named("How answers begin", openings, counts, func(name string) string { return to(query{Text: name}) }),
	} {
		if c != nil {
			charts = append(charts, c)
		}
	}
	return charts, t.complete
}

// byName is a chart of the commonest names, in their order.
func byName(title string, by map[string]int, link func(string) string) *Chart {
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return by[b] - by[a] })
	names = names[:min(12, len(names))]
	slices.Sort(names)
	var counts []int
	for _, n := range names {
		counts = append(counts, by[n])
	}
	return named(title, names, counts, link)
}

// A findingsView is what the checks say, once they are done.
type findingsView struct {
	Target string
	Done   bool
	Report *quality.Report
	Error  string
}

// Link leads to the rows of a finding.
func (v findingsView) Link(check string) string {
	return "/t/" + v.Target + "?" + url.Values{"finding": {check}}.Encode()
}

func (s *Studio) findingsPart(w http.ResponseWriter, r *http.Request) {
	v := findingsView{Target: r.PathValue("name"), Done: true}
	rep, err := s.reports.of(v.Target)
	if err == nil {
		select {
		case <-rep.done:
		case <-time.After(patience):
		}
		if v.Done = rep.ready(); v.Done {
			v.Report, err = rep.what, rep.err
		}
	}
	if err != nil {
		v.Error = err.Error()
	}
	s.part(w, "target", "findings", v)
}
