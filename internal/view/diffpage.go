package view

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/internal/engine"
)

// pageChanges is how many changes a page of a diff has.
const pageChanges = 20

// mostCauses is how many causes are listed: those of many records come first.
const mostCauses = 12

// A diffPage is how the rows of a target differ from what they were after an
// earlier build.
type diffPage struct {
	Name                    string
	Against                 string // how many builds back, or the id of one
	Earlier                 []engine.Edition
	Was, Now                engine.Edition
	Added, Removed, Changed int
	Causes                  []causeCount
	Others                  struct{ Count, Records int } // causes beyond
	Cause                   string                       // only changes of this one are shown; "" for all
	Changes                 []recordChange
	Shown                   int // how many there are, on all pages
	Page, Pages             int
	Missing                 string
	Write                   bool
	Done                    string // what was decided a moment ago
}

// A causeCount is a cause and how many records changed by it.
type causeCount struct {
	Cause string
	Count int
}

type recordChange struct {
	ID, Kind string
	View     *changeView
}

func (s *Studio) diffPage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p := diffPage{Name: r.PathValue("name"), Against: cmp.Or(q.Get("against"), "1"), Cause: q.Get("cause"), Write: s.o.Write, Pages: 1}
	if n, err := strconv.Atoi(q.Get("of")); err == nil {
		p.Done = map[string]string{"reroll": "will be asked again", "pin": "stay as they are", "restore": "become what they were"}[q.Get("did")]
		if p.Done != "" {
			p.Done = "Noted: " + count(n, "record") + " " + p.Done + " at the next build."
		}
	}
	p.Page, _ = strconv.Atoi(q.Get("page"))
	p.Page = max(p.Page, 1)
	err := s.with(func(ws *Workspace) error {
		t := ws.Graph.Target(p.Name)
		if t == nil {
			return errNoTarget
		}
		p.Earlier = ws.Earlier(t)
		diff, err := ws.Changes(t, p.Against)
		if err != nil {
			p.Missing = err.Error()
			return nil
		}
		p.fill(diff)
		return nil
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "diff", "Diff of "+p.Name, "graph", p)
}

func (p *diffPage) fill(diff engine.Diff) {
	p.Was, p.Now = diff.Was, diff.Now
	by := map[string]int{}
	for _, c := range diff.Changes {
		switch c.Kind() {
		case engine.RowAdded:
			p.Added++
		case engine.RowRemoved:
			p.Removed++
		default:
			p.Changed++
		}
		by[rootOf(c.Cause)]++
	}
	for cause, n := range by {
		p.Causes = append(p.Causes, causeCount{cause, n})
	}
	slices.SortFunc(p.Causes, func(a, b causeCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Cause, b.Cause)) })
	if rest := p.Causes[min(len(p.Causes), mostCauses):]; len(rest) > 0 {
		p.Causes = p.Causes[:mostCauses]
		for _, c := range rest {
			p.Others.Count++
			p.Others.Records += c.Count
		}
	}
	shown := ofCause(diff.Changes, p.Cause)
	p.Shown = len(shown)
	p.Pages = max(1, (len(shown)+pageChanges-1)/pageChanges)
	p.Page = min(p.Page, p.Pages)
	from := (p.Page - 1) * pageChanges
	for _, c := range shown[from:min(len(shown), from+pageChanges)] {
		p.Changes = append(p.Changes, recordChange{c.ID, c.Kind(), newChange(c)})
	}
}

// rootOf is a cause without the step and the record that it came by, which
// differ from record to record.
func rootOf(cause string) string {
	if step, root, found := strings.Cut(cause, ": "); found && strings.HasPrefix(step, "step ") {
		return root
	}
	return cause
}

// ofCause leaves out what another cause has changed.
func ofCause(all []engine.Change, cause string) []engine.Change {
	if cause == "" {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(c engine.Change) bool { return rootOf(c.Cause) != cause })
}

// Link is the address of another view of the same comparison.
func (p diffPage) Link(cause string, page int) string {
	v := url.Values{}
	if p.Against != "1" {
		v.Set("against", p.Against)
	}
	if cause != "" {
		v.Set("cause", cause)
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return "/diff/" + p.Name + "?" + v.Encode()
}
