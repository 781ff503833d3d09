package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// A report is what a build did, in the shape that scripts may rely on.
type report struct {
	Targets  []targetReport  `json:"targets"`
	Requests engine.Requests `json:"requests"`
	Cost     *float64        `json:"cost_usd"`
	Saved    float64         `json:"saved_usd"` // what the answers from the cache cost when they were asked
	Models   []modelUse      `json:"models"`
	Seconds  float64         `json:"seconds"`

	results []engine.Result
}

// modelUse is what one model did for a build.
type modelUse struct {
	Name   string   `json:"name"`
	Asked  int64    `json:"asked"`
	Hits   int64    `json:"hits"`
	Tokens int64    `json:"tokens"`
	Cost   *float64 `json:"cost_usd"`
	Saved  float64  `json:"saved_usd"`
}

type targetReport struct {
	Name         string          `json:"name"`
	State        graph.State     `json:"state"`
	Records      int             `json:"records"`
	Reused       int             `json:"reused"`
	Recomputed   int             `json:"recomputed"`
	Errors       int             `json:"errors"`
	ErrorsByType map[string]int  `json:"errors_by_type"`
	Skipped      int             `json:"skipped"`
	Requests     engine.Requests `json:"requests"`
	Tokens       engine.Tokens   `json:"tokens"`
	Cost         *float64        `json:"cost_usd"`
	Saved        float64         `json:"saved_usd"`
	Projected    *float64        `json:"projected_usd"` // what all records would cost at the same rate, of a target that was stopped; else null
	Models       []modelUse      `json:"models"`
	Seconds      float64         `json:"seconds"`
	Output       string          `json:"output,omitempty"`
	Error        string          `json:"error,omitempty"`
	Notes        []string        `json:"notes,omitempty"`
}

func newReport(results []engine.Result, took time.Duration) report {
	r := report{Targets: []targetReport{}, results: results, Seconds: took.Seconds()}
	var cost int64
	known := true
	for _, one := range results {
		t := newTargetReport(one)
		r.Targets = append(r.Targets, t)
		r.Requests.Total += t.Requests.Total
		r.Requests.Hits += t.Requests.Hits
		r.Requests.Sent += t.Requests.Sent
		r.Requests.Retries += t.Requests.Retries
		nano, ok := one.CostNano()
		cost, known = cost+nano, known && ok
		r.Saved += float64(one.SavedNano()) / 1e9
	}
	r.Cost = dollars(cost, known)
	r.Models = modelUses(results...)
	return r
}

// modelUses sums up what each model did.
func modelUses(results ...engine.Result) []modelUse {
	var all [][]engine.ModelUse
	for _, r := range results {
		all = append(all, r.Models())
	}
	out := []modelUse{}
	for _, u := range engine.SumUses(all...) {
		out = append(out, modelUse{u.Name, u.Asked, u.Hits, u.Tokens, dollars(u.CostNano, u.Unpriced == 0), float64(u.SavedNano) / 1e9})
	}
	return out
}

func newTargetReport(one engine.Result) targetReport {
	t := targetReport{
		Name: one.Target.Name, State: one.State,
		Records: one.Rows, Reused: one.Counts.Reused, Recomputed: one.Rows - one.Counts.Reused,
		Errors: one.Failed, ErrorsByType: one.ByError, Skipped: one.Skipped,
		Requests: one.Requests(), Tokens: one.Tokens(), Seconds: one.Seconds, Output: one.Output, Notes: one.Notes,
	}
	if one.UpToDate {
		t.Reused, t.Recomputed = one.Rows, 0
	}
	if t.ErrorsByType == nil {
		t.ErrorsByType = map[string]int{}
	}
	nano, known := one.CostNano()
	t.Cost, t.Saved, t.Models = dollars(nano, known), float64(one.SavedNano())/1e9, modelUses(one)
	if p := one.ProjectedNano(); p > 0 {
		t.Projected = dollars(p, true)
	}
	if one.Err != nil {
		t.Error = one.Err.Error()
	}
	return t
}

// dollars returns nano-USD as USD, or nil where a price is unknown.
func dollars(nano int64, known bool) *float64 {
	if !known {
		return nil
	}
	usd := float64(nano) / 1e9
	return &usd
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// print writes the report for people: what was kept, what was made and of
// what, and where it is.
func (r report) print(w io.Writer, root string) {
	width := 0
	current := 0
	for _, t := range r.results {
		width = max(width, len(t.Target.Name))
		if t.UpToDate {
			current++
		}
	}
	if current == len(r.results) {
		fmt.Fprintf(w, "Nothing to do: %s current.\n", are(current, "target"))
		return
	}
	for i, t := range r.results {
		if t.Err == nil || stopped(t) {
			fmt.Fprintf(w, "%-8s  %-*s  %s\n", verb(t), width, t.Target.Name, describe(t, r.Targets[i]))
		}
	}
	for _, t := range r.results {
		details(w, t)
	}
	r.printModels(w)
	fmt.Fprintln(w, r.sum())
}

// printModels says which model took the money, where there are several.
func (r report) printModels(w io.Writer) {
	if len(r.Models) < 2 || r.Cost != nil && *r.Cost == 0 && r.Saved == 0 {
		return
	}
	for _, m := range r.Models {
		cost := "at an unknown price"
		if m.Cost != nil {
			cost = term.Money(int64(*m.Cost * 1e9))
		}
		fmt.Fprintf(w, "model     %s: %s asked, %s from the cache · %s tokens · %s%s\n", safe(m.Name), term.Count(m.Asked), term.Count(m.Hits), term.Count(m.Tokens), cost, savedBehind(" · ", int64(m.Saved*1e9)))
	}
}

func verb(t engine.Result) string {
	switch {
	case stopped(t):
		return "stopped"
	case t.UpToDate:
		return "current"
	case t.State == graph.Partial || strings.Contains(path.Base(t.Output), ".partial."):
		return "partial"
	}
	return "built"
}

// stopped says that a target did not come to its end because the whole build
// was stopped. What it was answered is kept.
func stopped(t engine.Result) bool {
	return errors.Is(t.Err, engine.ErrStopped) || errors.Is(t.Err, engine.ErrInterrupted)
}

func describe(t engine.Result, r targetReport) string {
	n := count(t.Rows, t.Target.Kind.Noun())
	if t.UpToDate {
		return n
	}
	if t.Target.Kind == graph.Report {
		return fmt.Sprintf("%-16s %s", n+", "+t.Verdict, t.Output)
	}
	if t.Target.Kind == graph.Prompt || t.Target.Kind == graph.Registry {
		return t.Output
	}
	if t.Mix != nil {
		return mixed(t, n)
	}
	nano, _ := t.CostNano()
	asked := fmt.Sprintf("%s asked, %s from the cache%s", term.Count(r.Requests.Sent-r.Requests.Retries), term.Count(r.Requests.Hits), moneyBehind(" · ", nano))
	if r.Projected != nil {
		asked += " of ~" + term.Money(int64(*r.Projected*1e9))
	}
	asked += savedBehind(" · ", t.SavedNano())
	if stopped(t) {
		n = t.Extent.String() // its rows are not the target's
	}
	line := fmt.Sprintf("%-16s %s", n, asked)
	if t.Output != "" && t.Output != t.Target.Output {
		line += "  → " + t.Output
	}
	return line
}

// mixed says what each category gave to a recipe.
func mixed(t engine.Result, samples string) string {
	var parts []string
	for _, c := range t.Mix.Categories {
		parts = append(parts, fmt.Sprintf("%s %s of %s", safe(c.Name), term.Count(int64(c.Used)), term.Count(int64(c.Available))))
	}
	line := fmt.Sprintf("%-16s %s", samples, strings.Join(parts, ", "))
	if t.Mix.Validation > 0 {
		line += fmt.Sprintf("; %s held out in %s", term.Count(int64(t.Mix.Validation)), graph.ValidationPath(t.Output))
	}
	if t.Output != t.Target.Output {
		line += "  → " + t.Output
	}
	return line
}

// details lists errors, skips and duplicates of a target by kind.
func details(w io.Writer, t engine.Result) {
	name := t.Target.Pipeline
	if t.Target.Kind == graph.Recipe {
		name = path.Base(t.Target.Name)
	}
	if len(t.ByError) > 0 {
		where := t.Target.Errors
		if t.Errors != "" {
			where = t.Errors
		}
		fmt.Fprintf(w, "errors    %s: %s, kept in %s\n", name, term.ByKind(t.ByError), where)
	}
	if len(t.BySkip) > 0 {
		fmt.Fprintf(w, "skipped   %s: %s\n", name, term.ByKind(t.BySkip))
	}
	if t.Pinned > 0 {
		line := fmt.Sprintf("pinned    %s: %s kept as written", name, count(t.Pinned, "row"))
		if t.Moved > 0 {
			line += fmt.Sprintf("; what a build makes in the place of %s has changed since", term.Count(int64(t.Moved)))
		}
		fmt.Fprintln(w, line)
	}
	if n := len(t.Kept); n > 0 {
		fmt.Fprintf(w, "kept      %s: %s answers from before an edit; isf status says why\n", name, hold(t.Kept))
	}
	if t.Dropped > 0 {
		fmt.Fprintf(w, "dropped   %s: %s with the content of another\n", name, count(t.Dropped, "row"))
	}
	printNotes(w, name, t.Notes)
}

// hold says how many rows rest on answers that were kept.
func hold(kept map[*engine.Keep]int) string {
	n := 0
	for _, rows := range kept {
		n += rows
	}
	if n == 1 {
		return "1 record has"
	}
	return count(n, "record") + " have"
}

// sum is the last line: everything asked, and what it took.
func (r report) sum() string {
	parts := []string{fmt.Sprintf("%s sent, %s from the cache", count(int(r.Requests.Sent), "request"), term.Count(r.Requests.Hits))}
	if r.Requests.Retries > 0 {
		parts = append(parts, count(int(r.Requests.Retries), "retry"))
	}
	var tokens int64
	for _, t := range r.Targets {
		tokens += t.Tokens.Prompt + t.Tokens.Completion
	}
	if tokens > 0 {
		parts = append(parts, term.Count(tokens)+" tokens")
	}
	if r.Cost != nil && *r.Cost > 0 {
		parts = append(parts, term.Money(int64(*r.Cost*1e9)))
	}
	if r.Saved > 0 {
		parts = append(parts, term.Money(int64(r.Saved*1e9))+" saved by the cache")
	}
	return "total     " + strings.Join(append(parts, term.Duration(time.Duration(r.Seconds*float64(time.Second)))), " · ")
}

// complain tells why targets are not current, on standard error: what went wrong
// before what that led to. What several targets have in common, such as a key
// that is wrong or a disk that is full, is said once.
func (r report) complain(w io.Writer) {
	var blocked []engine.Result
	var idle, texts []string
	by := map[string][]string{} // targets by text
	for _, t := range r.results {
		switch {
		case t.Err == nil || stopped(t):
		case errors.Is(t.Err, engine.ErrNotStarted):
			idle = append(idle, t.Target.Name)
		case t.Blocked != "":
			blocked = append(blocked, t)
		default:
			text := t.Err.Error()
			if by[text] == nil {
				texts = append(texts, text)
			}
			by[text] = append(by[text], t.Target.Name)
		}
	}
	for _, text := range texts {
		fmt.Fprintf(w, "isf: %s: %s\n", strings.Join(by[text], ", "), safe(text))
	}
	for _, t := range blocked {
		fmt.Fprintf(w, "isf: %s: %s\n", t.Target.Name, safe(t.Err.Error()))
	}
	if len(idle) > 0 {
		fmt.Fprintf(w, "isf: %s: %s\n", strings.Join(idle, ", "), engine.ErrNotStarted)
	}
}

func count(n int, noun string) string { return term.Plural(int64(n), noun) }

func are(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " is"
	}
	return count(n, noun) + " are"
}
