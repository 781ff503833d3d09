package view

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/think"
	"github.com/identity-shaping/isf/internal/worddiff"
)

var errNoRecord = errors.New("there is no such record")

// notFound is an error that says what there is not.
type notFound struct{ error }

func (notFound) Is(target error) bool { return target == errNoRecord }

// longest is how much of one text a page shows before it says that there is
// more: beyond, browsers get slow, and `isf show` is the better reader.
const longest = 200_000

// A recordPage is a record as it reads, and how it came about.
type recordPage struct {
	Target, ID string
	Turns      []turnView
	Fields     []samples.Text // of a row that is no conversation
	Failed     bool
	Kind, Why  string // of a failure
	Made       *samples.Record
	From       *engine.Upstream // the record that it was made of
	Input      string
	Steps      []stepView
	Row        string // as JSON
	When       string
	Pinned     bool
	Review     *reviews.Review
	Next, Prev string // addresses
	Place      string // 12 of 340
	Back       string
	Write      bool
	Draft      string // the last answer as it stands, to be edited
	Did        string // what was decided a moment ago
}

// A turnView is a message with its thinking apart.
type turnView struct {
	Role     string
	Thinking string
	Thought  int // characters of thinking
	Text     string
}

// A stepView is a request and what came of it.
type stepView struct {
	samples.RecordStep
	Turns    []turnView // the prompt; the system prompt of an earlier step is left out
	SameAs   string     // the step whose system prompt this one shares
	Answer   *turnView
	Sampling string
	Asking   string // the how many-th attempt, draw and reroll it was
	Sent     string // whether the last build asked it, "" where nobody knows
	Gone     string // why the store says nothing
	Usage    string
	Cost     string
	Took     string
	Asked    string // when
	Raw      string
}

// A changeView is what a record was and is, word by word.
type changeView struct {
	Cause string
	Texts []textChange
}

type textChange struct {
	Label    string
	Was, Now []worddiff.Span
}

func turn(role, content string) turnView {
	t := turnView{Role: role, Text: clip(content)}
	if thinking, rest := think.Extract(content); thinking != "" {
		t.Thinking, t.Text, t.Thought = clip(thinking), clip(rest), len([]rune(thinking))
	}
	return t
}

// clip cuts a text that is too long for a page.
func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return text[:longest] + fmt.Sprintf("\n… and %s more; `isf show` prints all", term.Bytes(int64(len(text)-longest)))
}

func (s *Studio) recordPage(w http.ResponseWriter, r *http.Request) {
	p, err := s.record(r, r.PathValue("name"), r.URL.Query().Get("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.page(w, r, "record", p.ID, "graph", p)
}

func (s *Studio) record(r *http.Request, target, id string) (*recordPage, error) {
	p := &recordPage{Target: target, ID: id, Write: s.o.Write, Did: r.URL.Query().Get("did")}
	err := s.with(func(w *Workspace) error {
		t := w.Graph.Target(target)
		if t == nil {
			return errNoTarget
		}
		text, err := s.row(w, target, id, r.URL.Query().Get("n"))
		if err != nil {
			return notFound{err}
		}
		rec, failed, err := samples.DecodeRecord(text)
		if err != nil {
			return err
		}
		making, err := w.Making(t, rec)
		if err != nil {
			return err
		}
		p.read(rec, failed, text)
		p.made(making)
		if rows, _, err := s.o.Rows(w, t); err == nil {
			p.judged(rows, text)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.neighbours(s, r)
	return p, nil
}

// read takes what the row says.
func (p *recordPage) read(rec *samples.Record, failed bool, text []byte) {
	p.Failed, p.Made, p.Pinned = failed, rec.Made(), rec.Pinned
	p.Kind, p.Why = rec.Error, rec.Message
	for _, m := range rec.Messages {
		p.Turns = append(p.Turns, turn(m.Role, m.Content))
		if m.Role == "assistant" && !failed && len(m.Content) <= longest {
			p.Draft = m.Content
		}
	}
	if len(rec.Messages) == 0 && !failed {
		for _, t := range samples.Texts(text) {
			if t.Label != "provenance" && t.Label != "pinned" {
				p.Fields = append(p.Fields, samples.Text{Label: t.Label, Body: clip(t.Body)})
			}
		}
	}
	p.When = span(p.Made.Started, cmp.Or(p.Made.Completed, p.Made.Ended))
	p.Input, p.Row = clip(indented(p.Made.Input)), clip(indented(text))
}

// made takes what is known of the requests. Of a record that failed they are
// what there is to read: the last prompt, and what the model said to it.
func (p *recordPage) made(m engine.Making) {
	p.From = m.From
	known := map[string]string{}
	for _, st := range m.Steps {
		p.Steps = append(p.Steps, newStep(st, known))
	}
	if !p.Failed || len(m.Steps) == 0 {
		return
	}
	last := m.Steps[len(m.Steps)-1]
	for _, msg := range last.Messages {
		if msg.Role != "system" {
			p.Turns = append(p.Turns, turn(msg.Role, msg.Content))
		}
	}
	if last.Response != nil {
		p.Turns = append(p.Turns, turn("answer", *last.Response))
	}
}

// span is when the first request of a row began and the last one ended.
func span(from, to string) string {
	a, err := time.Parse(time.RFC3339Nano, from)
	b, berr := time.Parse(time.RFC3339Nano, to)
	if err != nil || berr != nil {
		return from
	}
	return a.Local().Format("2006-01-02 15:04:05") + ", in " + secondsText(b.Sub(a).Seconds())
}

func newStep(st engine.MadeStep, known map[string]string) stepView {
	v := stepView{RecordStep: st.RecordStep, Sampling: string(st.Sampling)}
	for _, m := range st.Messages {
		if m.Role == "system" && st.SysPrompt != "" {
			if first, ok := known[st.SysPrompt]; ok {
				v.SameAs = first
				continue
			}
			known[st.SysPrompt] = st.ID
		}
		v.Turns = append(v.Turns, turn(m.Role, m.Content))
	}
	if st.Response != nil {
		answer := turn("answer", *st.Response)
		v.Answer = &answer
	}
	switch {
	case st.Known && st.Hit:
		v.Sent = "from the cache"
	case st.Known:
		v.Sent = "sent by the last build"
	}
	switch {
	case st.Entry != nil:
		v.fill(st.Entry)
	case st.Key != "" && st.Response != nil:
		v.Gone = "its answer is not in this cache any more"
	}
	return v
}

// judged finds the review of what the row says.
func (p *recordPage) judged(rows string, text []byte) {
	book, err := reviews.Open(rows)
	if err != nil {
		return // the list of reviews says so where it is wanted
	}
	if row, err := samples.Decode(samples.Line{Number: 1, Text: text}); err == nil {
		if found, ok := book.Of(row); ok {
			p.Review = &found
		}
	}
}

// row finds a record by the index of the rows, where that knows it already, and
// else reads the file from its beginning.
func (s *Studio) row(w *Workspace, target, id, place string) ([]byte, error) {
	rows, _, err := s.o.Rows(w, w.Graph.Target(target))
	if err == nil {
		if t, err := s.tables.open(rows, w.Graph.Target(target)); err == nil {
			if text := t.find(id, place); text != nil {
				return text, nil
			}
		}
	}
	return w.FindRow(target, id)
}

// changePart puts a record beside what it was in the build before, which takes
// longer than to show it: that build's rows have to be read.
func (s *Studio) changePart(w http.ResponseWriter, r *http.Request) {
	var v *changeView
	err := s.with(func(ws *Workspace) error {
		t := ws.Graph.Target(r.PathValue("name"))
		if t == nil {
			return errNoTarget
		}
		c, differs, err := ws.ChangeOf(t, r.URL.Query().Get("id"))
		if err == nil && differs {
			v = newChange(c)
		}
		return err
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.part(w, "record", "changed", v)
}

func newChange(c engine.Change) *changeView {
	v := &changeView{Cause: c.Cause}
	for _, p := range samples.Beside(c.Was, c.Now) {
		if p.Same() {
			continue
		}
		t := textChange{Label: p.Label}
		for _, span := range worddiff.Words(clip(p.Was), clip(p.Now)) {
			if span.Op != worddiff.New {
				t.Was = append(t.Was, span)
			}
			if span.Op != worddiff.Old {
				t.Now = append(t.Now, span)
			}
		}
		v.Texts = append(v.Texts, t)
	}
	return v
}

// asking says which of several askings of the same this was: after answers that
// the pipeline has rejected, of several drawn, after rerolls.
func asking(fs []cache.Field) string {
	attempt, more := int64(1), ""
	for _, f := range fs {
		switch f.Tag {
		case cache.TagAttempt:
			attempt += f.Int()
		case cache.TagDraw:
			more += fmt.Sprintf(", draw %d", f.Int()+1)
		case cache.TagReroll:
			more += fmt.Sprintf(", reroll %d", f.Int())
		}
	}
	return fmt.Sprintf("attempt %d%s", attempt, more)
}

// fill adds what the store knows of the answer.
func (st *stepView) fill(e *cache.Entry) {
	st.Asking = asking(e.Fields)
	if e.Usage.Known {
		st.Usage = fmt.Sprintf("%s prompt and %s answer tokens", term.Count(e.Usage.Prompt), term.Count(e.Usage.Completion))
		if e.Usage.CachedPrompt > 0 {
			st.Usage += fmt.Sprintf(", %s of the prompt cached by the provider", term.Count(e.Usage.CachedPrompt))
		}
	}
	st.Cost = "unknown"
	if e.CostKnown {
		st.Cost = term.Money(e.CostNano)
	}
	st.Took, st.Asked = secondsText(e.End.Sub(e.Start).Seconds()), e.Start.Local().Format("2006-01-02 15:04:05")
	st.Raw = clip(indented(e.Raw))
}

func indented(text []byte) string {
	var b bytes.Buffer
	if len(text) == 0 || json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String()
}

// neighbours finds the rows before and after this one in the list that it was
// opened from.
func (p *recordPage) neighbours(s *Studio, r *http.Request) {
	v := r.URL.Query()
	q := readQuery(v)
	n, err := strconv.Atoi(v.Get("n"))
	back := q.Values()
	if err == nil && n >= pageRows {
		back.Set("page", strconv.Itoa(n/pageRows+1))
	}
	p.Back = "/t/" + p.Target + "?" + back.Encode()
	if err != nil {
		return
	}
	t, sel, _, err := s.selected(r, p.Target, q)
	if err != nil || n < 0 || n >= sel.total {
		return
	}
	p.Place = fmt.Sprintf("%s of %s", term.Count(int64(n+1)), term.Count(int64(sel.total)))
	p.Prev, p.Next = t.neighbour(sel, p.Target, q.Values(), n-1), t.neighbour(sel, p.Target, q.Values(), n+1)
}

func (t *table) neighbour(sel selection, target string, link url.Values, n int) string {
	if n < 0 || n >= sel.total {
		return ""
	}
	t.mu.RLock()
	one := t.rows[sel.at(n)]
	t.mu.RUnlock()
	row, err := t.read(one)
	if err != nil {
		return ""
	}
	link.Set("n", strconv.Itoa(n))
	return recordLink(target, row.ID, link)
}
