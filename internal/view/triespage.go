package view

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/worddiff"
)

// A triesPage lists what `isf try` has kept, or shows some of it side by side.
type triesPage struct {
	Tries []*engine.Trial
	Side  *sideView
}

// A sideView is the same records as several tries made them, or the same
// prompts as several models answered them: a row for each, a column for each.
type sideView struct {
	Title   string
	Target  string // "" where models were compared
	Columns []sideColumn
	Rows    []sideRow
	Notes   []string
}

type sideColumn struct {
	Title   string
	Facts   string
	Because []string // in what the project differed
}

type sideRow struct {
	ID    string
	Asked []turnView // the prompt that all columns share
	Cells []sideCell
}

// A sideCell is what came out. Words that the target's output does not have are
// marked.
type sideCell struct {
	Head  string // of its column
	Mark  string // same, changed, added, removed, failed, skipped
	Note  string
	Texts []sideText
}

type sideText struct {
	Label string
	Spans []worddiff.Span
}

func (s *Studio) triesPage(w http.ResponseWriter, r *http.Request) {
	p := triesPage{}
	err := s.with(func(ws *Workspace) (err error) {
		chosen := r.URL.Query()["n"]
		if one := r.PathValue("number"); one != "" {
			chosen = []string{one}
		}
		if len(chosen) > 0 {
			p.Side, err = sideBySide(ws, chosen)
			return err
		}
		numbers, err := ws.Trials()
		for _, n := range slices.Backward(numbers) {
			if t, err := ws.Trial(n); err == nil {
				p.Tries = append(p.Tries, t)
			}
		}
		return err
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "tries", "Tries", "tries", p)
}

// sideBySide reads the tries of these numbers, which are of one target.
func sideBySide(w *Workspace, chosen []string) (*sideView, error) {
	var tries []*engine.Trial
	for _, text := range chosen {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%w: a try has a number, and %q is none", errNoRecord, text)
		}
		t, err := w.Trial(n)
		if err != nil {
			return nil, notFound{err}
		}
		tries = append(tries, t)
	}
	if len(tries) == 1 && tries[0].Compared != nil {
		return comparedView(tries[0]), nil
	}
	for _, t := range tries {
		if t.Target != tries[0].Target || t.Compared != nil {
			return nil, errors.New("tries of one target can be seen side by side; go back and choose such")
		}
	}
	slices.SortFunc(tries, func(a, b *engine.Trial) int { return a.Number - b.Number })
	return triedView(tries), nil
}

// comparedView is what several models said to the same prompts.
func comparedView(t *engine.Trial) *sideView {
	v := &sideView{Title: fmt.Sprintf("Try %d: %s", t.Number, strings.Join(t.Compared.Models, ", "))}
	for _, m := range t.Compared.Models {
		v.Columns = append(v.Columns, sideColumn{Title: m})
	}
	for i, p := range t.Compared.Prompts {
		row := sideRow{ID: fmt.Sprintf("prompt %d", i+1)}
		for _, m := range p.Messages {
			row.Asked = append(row.Asked, turn(m.Role, m.Content))
		}
		for _, a := range p.Answers {
			cell := sideCell{Head: a.Model, Note: a.Error}
			if a.Error != "" {
				cell.Mark = engine.RowFailed
			} else {
				cell.Note = answerNote(a)
				cell.Texts = []sideText{{"answer", []worddiff.Span{{Op: worddiff.Kept, Text: clip(a.Text)}}}}
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func answerNote(a engine.ModelAnswer) string {
	parts := []string{count(int(a.Tokens), "token")}
	if a.Resolved != "" && a.Resolved != a.Model {
		parts = append(parts, a.Resolved)
	}
	if a.CostNano > 0 {
		parts = append(parts, term.Money(a.CostNano))
	}
	if a.Hit {
		parts = append(parts, "from the cache")
	}
	if a.Finish != "" && a.Finish != "stop" {
		parts = append(parts, a.Finish)
	}
	return strings.Join(parts, " · ")
}

// triedView puts what tries made of the same records beside the output.
func triedView(tries []*engine.Trial) *sideView {
	v := &sideView{Target: tries[0].Target, Title: "Tries side by side", Columns: []sideColumn{{Title: "as it is"}}}
	if len(tries) == 1 {
		v.Title = fmt.Sprintf("Try %d", tries[0].Number)
	}
	var order []string
	for _, t := range tries {
		v.Columns = append(v.Columns, sideColumn{tryTitle(t), tryFacts(t), t.Because})
		for _, note := range t.Notes {
			if !slices.Contains(v.Notes, note) {
				v.Notes = append(v.Notes, note)
			}
		}
		for _, rec := range t.Records {
			if !slices.Contains(order, rec.ID) {
				order = append(order, rec.ID)
			}
		}
	}
	for _, id := range order {
		v.Rows = append(v.Rows, triedRows(id, tries, v.Columns)...)
	}
	return v
}

// tryTitle says how a try differs from a build.
func tryTitle(t *engine.Trial) string {
	return strings.Join(append([]string{fmt.Sprintf("try %d", t.Number)}, append(t.With, t.Set...)...), " · ")
}

func tryFacts(t *engine.Trial) string {
	text := fmt.Sprintf("%s · %s sent, %s from the cache", t.Time.Local().Format("2006-01-02 15:04:05"), count(int(t.Requests.Sent), "request"), term.Count(t.Requests.Hits))
	if t.CostNano > 0 {
		text += " · " + term.Money(t.CostNano)
	}
	return text
}

// triedRows are the rows that came of one record, the nth of each try in one
// line.
func triedRows(id string, tries []*engine.Trial, columns []sideColumn) (out []sideRow) {
	made := make([][]engine.TriedRow, len(tries))
	most := 0
	for i, t := range tries {
		for _, rec := range t.Records {
			if rec.ID == id {
				made[i] = rec.Rows
				most = max(most, len(rec.Rows))
			}
		}
	}
	for n := range most {
		row := sideRow{ID: id, Cells: []sideCell{{Head: columns[0].Title, Mark: "not there"}}}
		var was []samples.Text
		for _, rows := range made {
			if n < len(rows) && rows[n].Was != nil {
				was = samples.Texts(rows[n].Was)
				row.Cells[0].Mark, row.Cells[0].Texts = "", sideTexts(was, was)
				break
			}
		}
		for i, rows := range made {
			cell := sideCell{Head: columns[i+1].Title, Note: "this try did not make it"}
			if n < len(rows) {
				cell.Mark, cell.Note = rows[n].Kind, rows[n].Reason
				now := rows[n].Now
				if rows[n].Kind == engine.RowSame {
					now = rows[n].Was
				}
				cell.Texts = sideTexts(was, samples.Texts(now))
			}
			row.Cells = append(row.Cells, cell)
		}
		out = append(out, row)
	}
	return out
}

// sideTexts marks the words of now that was does not have.
func sideTexts(was, now []samples.Text) (out []sideText) {
	before := map[string]string{}
	for _, t := range was {
		before[t.Label] = t.Body
	}
	for _, t := range now {
		text := sideText{Label: t.Label}
		old, known := before[t.Label]
		switch {
		case !known || old == t.Body:
			text.Spans = []worddiff.Span{{Op: worddiff.Kept, Text: clip(t.Body)}}
		default:
			text.Spans = slices.DeleteFunc(worddiff.Words(clip(old), clip(t.Body)), func(s worddiff.Span) bool { return s.Op == worddiff.Old })
		}
		out = append(out, text)
	}
	return out
}
