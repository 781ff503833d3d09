package recipes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Report says what a recipe took from where. Total is known after Scan, its
// two parts after Write.
type Report struct {
	Categories []CategoryReport
	Total      int
	Train      int
	Validation int
	Weights    int // samples with message weights that the format cannot say

	path   string
	shape  Format
	places []int // of each source within its category
	owner  []int // the category of each source
}

// A CategoryReport is what one category had and gave.
type CategoryReport struct {
	Name      string         `json:"name"`
	Available int            `json:"available"` // usable rows, after every filter
	Used      int            `json:"used"`
	Thinking  Thinking       `json:"thinking"`
	Sources   []SourceReport `json:"sources"`
}

// A SourceReport is what one source had and gave.
type SourceReport struct {
	Kind    string         `json:"kind"`
	Name    string         `json:"name"`
	Rows    int            `json:"rows"`      // all there are
	Usable  int            `json:"available"` // after every filter
	Used    int            `json:"used"`      // in the mix
	Dropped map[string]int `json:"dropped"`   // by reason
}

func newReport(r *Recipe, sources []Source) Report {
	rep := Report{path: r.Path, shape: r.Shape()}
	for _, c := range r.Categories {
		rep.Categories = append(rep.Categories, CategoryReport{Name: c.Name, Thinking: c.Thinking})
	}
	for _, s := range sources {
		c := &rep.Categories[s.Category]
		rep.owner = append(rep.owner, s.Category)
		rep.places = append(rep.places, len(c.Sources))
		c.Sources = append(c.Sources, SourceReport{Kind: s.Kind, Name: s.Name, Dropped: map[string]int{}})
	}
	return rep
}

// of returns the counts of a source.
func (r *Report) of(source int) *SourceReport {
	return &r.Categories[r.owner[source]].Sources[r.places[source]]
}

// Dropped sums what was left out, by reason.
func (r *Report) Dropped() map[string]int {
	all := map[string]int{}
	for _, c := range r.Categories {
		for _, s := range c.Sources {
			for reason, n := range s.Dropped {
				all[reason] += n
			}
		}
	}
	return all
}

// Warnings are sentences about what a person would want to know: sources and
// categories that give nothing, and answers that do not think.
func (r *Report) Warnings() []string {
	var all []string
	for _, c := range r.Categories {
		for _, s := range c.Sources {
			if w := s.warning(); w != "" {
				all = append(all, w)
			}
		}
		if w := r.thinkless(c); w != "" {
			all = append(all, w)
		}
		if c.Used == 0 && c.Available > 0 {
			all = append(all, fmt.Sprintf("category '%s' gives no sample: its share of the mix is less than one", c.Name))
		}
	}
	if r.Weights > 0 {
		all = append(all, fmt.Sprintf("%d samples have message weights, which the text of %s cannot say", r.Weights, r.shape))
	}
	return all
}

func (s *SourceReport) warning() string {
	if s.Usable > 0 {
		return ""
	}
	text := fmt.Sprintf("%s '%s' has no usable sample", s.Kind, s.Name)
	if s.Rows == 0 {
		return text + ": it has no rows"
	}
	return text + ": " + Reasons(s.Dropped)
}

// thinkless gives the line to add where `require` leaves out more than half.
func (r *Report) thinkless(c CategoryReport) string {
	rows, without := 0, 0
	for _, s := range c.Sources {
		rows += s.Rows
		without += s.Dropped[missingThinkTag]
	}
	if c.Thinking != Require || 2*without <= rows {
		return ""
	}
	return fmt.Sprintf("category '%s': %d of %d samples are left out because an answer has no <think>…</think>; "+
		"to keep them, add this line to %s: `thinking: allow` (or `thinking: strip`, to drop the thinking of the others)", c.Name, without, rows, r.path)
}

// Empty returns an error if nothing at all goes in.
func (r *Report) Empty() error {
	if r.Total > 0 {
		return nil
	}
	why := "no source has a usable sample"
	for _, c := range r.Categories {
		if c.Available == 0 {
			why = fmt.Sprintf("category '%s' has no usable sample, and the others keep to proportion", c.Name)
		}
	}
	if r.available() == 0 {
		why = "no source has a usable sample"
	}
	return fmt.Errorf("%s gives no samples: %s", r.path, strings.Join(append([]string{why}, r.Warnings()...), "; "))
}

func (r *Report) available() int {
	n := 0
	for _, c := range r.Categories {
		n += c.Available
	}
	return n
}

// Reasons lists counts by reason, most first.
func Reasons(dropped map[string]int) string {
	names := slices.SortedFunc(maps.Keys(dropped), func(a, b string) int {
		return cmp.Or(dropped[b]-dropped[a], strings.Compare(a, b))
	})
	for i, n := range names {
		names[i] = fmt.Sprintf("%d %s", dropped[n], n)
	}
	return strings.Join(names, ", ")
}
