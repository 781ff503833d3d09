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

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/ctl"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/reviews"
	"github.com/identity-shaping/isf/internal/samples"
)

// longestForm is more than anybody types.
const longestForm = 4 << 20

// change is a handler that changes something: it needs --write, and goes back to
// where the form was.
func (s *Studio) change(do func(r *http.Request) (back string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.o.Write {
			http.Error(w, errReadOnly.Error(), http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, longestForm)
		if err := r.ParseForm(); err != nil {
			s.fail(w, r, err)
			return
		}
		back, err := do(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
	}
}

// decide makes the same decision about each record that the form names, or about
// all that a diff shows.
func (s *Studio) decide(r *http.Request) (string, error) {
	name, form := r.PathValue("name"), r.PostForm
	records := form["id"]
	err := s.with(func(w *Workspace) error {
		t := w.Graph.Target(name)
		if t == nil || t.Pipeline == "" {
			return errNoTarget
		}
		if form.Get("all") != "" {
			diff, err := w.Changes(t, form.Get("against"))
			if err != nil {
				return err
			}
			records = shownBy(diff, form)
		}
		if len(records) == 0 {
			return errors.New("choose a record first")
		}
		all, err := decisions(w, t, records, form)
		if err != nil {
			return err
		}
		return w.Decide(t, all)
	})
	if form.Get("from") == "diff" {
		p := diffPage{Name: name, Against: form.Get("against")}
		page, _ := strconv.Atoi(form.Get("page"))
		return p.Link(form.Get("cause"), page) + "&did=" + url.QueryEscape(form.Get("do")) + "&of=" + strconv.Itoa(len(records)), err
	}
	return recordLink(name, records[0], url.Values{"did": {form.Get("do")}}), err
}

// shownBy are the records of a diff that can be decided about as the form asks:
// what was removed can only be kept, and what was added was nothing before.
func shownBy(diff engine.Diff, form url.Values) (ids []string) {
	for _, c := range ofCause(diff.Changes, form.Get("cause")) {
		if form.Get("do") == "restore" && c.Was != nil || form.Get("do") != "restore" && c.Now != nil {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func decisions(w *Workspace, t *graph.Target, ids []string, form url.Values) (all []engine.Decision, err error) {
	what := form.Get("do")
	switch what {
	case "pin":
		return w.Pins(t, "", ids)
	case "restore":
		return w.Pins(t, cmp.Or(form.Get("against"), "1"), ids)
	}
	for _, id := range ids {
		if form.Get("all") == "" {
			if _, err := w.FindRow(t.Name, id); err != nil {
				return nil, notFound{err}
			}
		}
		d := engine.Decision{}
		switch what {
		case "reroll":
			d.Reroll = id
		case "unpin":
			d.Unpin = id
		case "edit":
			if d, err = w.PinOf(t, id); err == nil {
				d.Row, err = edited(d.Row, form)
			}
		default:
			err = fmt.Errorf("nobody knows how to %q a record", what)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// edited puts the answer of the form into the last turn of the assistant. Its
// thinking stays, unless the form has it too.
func edited(row json.RawMessage, form url.Values) (json.RawMessage, error) {
	var o struct {
		ID       json.RawMessage              `json:"id"`
		Messages []map[string]json.RawMessage `json:"messages"`
		Meta     json.RawMessage              `json:"meta,omitempty"`
	}
	if err := json.Unmarshal(row, &o); err != nil {
		return nil, err
	}
	for i := len(o.Messages) - 1; i >= 0; i-- {
		if string(o.Messages[i]["role"]) != `"assistant"` {
			continue
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(form.Get("answer")); err != nil {
			return nil, err
		}
		o.Messages[i]["content"] = bytes.TrimSpace(b.Bytes())
		b = bytes.Buffer{}
		enc = json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err := enc.Encode(o)
		return bytes.TrimSpace(b.Bytes()), err
	}
	return nil, errors.New("only a conversation with an answer can be edited here; edit the file and run `isf pin`")
}

// review keeps what somebody thinks of a row.
func (s *Studio) review(r *http.Request) (string, error) {
	name, id := r.PathValue("name"), r.PostForm.Get("id")
	verdict := reviews.Verdict(r.PostForm.Get("verdict"))
	if verdict != reviews.Good && verdict != reviews.Bad {
		return "", errors.New("a review is good or bad")
	}
	err := s.with(func(w *Workspace) error {
		t := w.Graph.Target(name)
		if t == nil {
			return errNoTarget
		}
		path, _, err := s.o.Rows(w, t)
		if err != nil {
			return err
		}
		text, err := w.FindRow(name, id)
		if err != nil {
			return notFound{err}
		}
		row, err := samples.Decode(samples.Line{Number: 1, Text: text})
		if err != nil {
			return err
		}
		s.judging.Lock()
		defer s.judging.Unlock()
		book, err := reviews.Open(path)
		if err != nil {
			return err
		}
		return book.Add(row, verdict, r.PostForm.Get("note"))
	})
	if r.PostForm.Get("from") == "review" {
		return "/review/" + name, err
	}
	return recordLink(name, id, nil), err
}

// steer passes a command to the builds that run.
func (s *Studio) steer(r *http.Request) (string, error) {
	req := ctl.Request{Command: r.PostForm.Get("command")}
	var err error
	switch req.Command {
	case "pause", "resume":
	case "workers":
		if req.N, err = strconv.Atoi(r.PostForm.Get("n")); err == nil && req.N < 1 {
			err = errors.New("give a number of workers above 0")
		}
	case "budget":
		req.Nano, err = config.ParseUSD(r.PostForm.Get("usd"))
	default:
		err = fmt.Errorf("a build does not know %q here", req.Command)
	}
	if err != nil {
		return "", err
	}
	answers, err := ctl.Call(r.Context(), s.o.Root, req)
	if err == nil && len(answers) == 0 {
		err = errors.New("no build of this project is running")
	}
	for _, a := range answers {
		if a.Error != "" {
			err = errors.Join(err, errors.New(a.Error))
		}
	}
	return "/build", err
}
