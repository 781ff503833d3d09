package view

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/identity-shaping/isf/internal/quality"
	"github.com/identity-shaping/isf/internal/term"
)

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
		if rep, err := s.reports.of(name); err == nil {
			v.Whole = v.Whole && rep.ready()
			v.Charts = append(v.Charts, rep.phrases(name)...)
		}
	}
	s.part(w, "target", "plots", v)
}

func (t *table) charts(target string) (charts []*Chart, whole bool) {
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
	openings, counts := t.openings.most(10)
	for _, c := range []*Chart{
		histogram("Length of answers, in characters", lengths, number, func(low, high float64) string {
			return to(target, query{Min: int(low), Max: int(high) + 1, Sort: "length"})
		}),
		histogram("Length of thinking, in characters", thinking, number, nil),
		histogram("Tokens of a row's requests", tokens, number, nil),
		histogram("Cost of a row's requests", cost, func(f float64) string { return term.Money(int64(f)) }, nil),
		histogram("Time of a row's requests", latency, secondsText, nil),
		byName("Scores", scores, func(name string) string { return to(target, query{Score: name}) }),
		byName("Sources", sources, func(name string) string { return to(target, query{Source: name}) }),
		named("How answers begin", openings, counts, func(name string) string { return to(target, query{Text: name}) }),
	} {
		if c != nil {
			charts = append(charts, c)
		}
	}
	return charts, t.complete
}

// phrases is a chart of what many answers say, once the checks are done.
func (r *report) phrases(name string) []*Chart {
	if !r.ready() || r.what == nil {
		return nil
	}
	var names []string
	var counts []int
	for _, p := range r.what.Phrases {
		names, counts = append(names, p.Text), append(counts, p.N)
	}
	if c := named("Phrases", names, counts, func(text string) string { return to(name, query{Text: text}) }); c != nil {
		return []*Chart{c}
	}
	return nil
}

// to leads to some rows of a target.
func to(name string, q query) string { return "/t/" + name + "?" + q.Values().Encode() }

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
