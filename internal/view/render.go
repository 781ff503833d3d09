package view

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/term"
)

//go:embed pages static
var files embed.FS

// pages are the templates, by the page's name.
type pages struct{ by map[string]*template.Template }

func newPages() *pages {
	p := &pages{by: map[string]*template.Template{}}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		panic(err) // the pattern is ours
	}
	base := template.Must(template.New("").Funcs(words).ParseFS(files, "pages/layout.html", "pages/parts.html"))
	for _, name := range names {
		page := strings.TrimSuffix(path.Base(name), ".html")
		if page != "layout" && page != "parts" {
			p.by[page] = template.Must(template.Must(base.Clone()).ParseFS(files, name))
		}
	}
	return p
}

// words are what templates call things.
var words = template.FuncMap{
	"safe":     term.Safe,
	"count":    func(n int) string { return term.Count(int64(n)) },
	"count64":  term.Count,
	"short":    term.Short,
	"bytes":    term.Bytes,
	"money":    term.Money,
	"plural":   func(n int, noun string) string { return count(n, noun) },
	"plural64": term.Plural,
	"base":     path.Base,
	"lower":    func(v any) string { return strings.ToLower(fmt.Sprint(v)) },
	"when":     func(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") },
	"seconds":  func(s float64) string { return term.Duration(time.Duration(s * float64(time.Second))) },
	"add":      func(a, b int) int { return a + b },
	"addf":     func(a, b float64) float64 { return a + b },
	"list":     func(v ...any) []any { return v },
	"target":   func(name string) string { return "/t/" + name },
	"excerpt":  excerpt,
	"percent":  func(n, of int64) int64 { return n * 100 / max(of, 1) },
}

func count(n int, noun string) string { return term.Plural(int64(n), noun) }

// excerpt is the beginning of a text on one line, fit for a cell of a table.
func excerpt(most int, text string) string {
	if limit := most * 8; len(text) > limit { // so that one huge line costs nothing
		text = text[:limit]
	}
	line := strings.Join(strings.Fields(text), " ")
	if r := []rune(line); len(r) > most {
		line = string(r[:most-1]) + "…"
	}
	return term.SafeLine(line)
}

// A frame is what stands around every page.
type frame struct {
	Title   string
	Nav     string // the entry of the menu that is open
	Project string
	Write   bool
	Problem error // why what is shown is not what is on disk
	Old     bool  // the project's code has changed since this began
	Renews  bool  // and these pages go on with it once it compiles
	Broken  error // why they do not
	Page    any
}

func (s *Studio) frame(title, nav string, data any) frame {
	f := frame{Title: title, Nav: nav, Write: s.o.Write, Page: data}
	_ = s.with(func(w *Workspace) error { f.Project = w.Config.Project.Name; return nil })
	if found := s.latest(); found != nil {
		f.Problem, f.Old, f.Renews, f.Broken = found.problem, found.old, s.o.Renew != nil, found.broken
	}
	return f
}

// noticePart is what stands above every page, for one that is open.
func (s *Studio) noticePart(w http.ResponseWriter, _ *http.Request) {
	s.part(w, "error", "notice", s.frame("", "", nil))
}

// page writes a whole page, or only its part "main" where the page itself asks
// for it.
func (s *Studio) page(w http.ResponseWriter, r *http.Request, name, title, nav string, data any) {
	f := s.frame(title, nav, data)
	s.write(w, name, "layout", f)
}

// part writes a piece of a page, for one that is open.
func (s *Studio) part(w http.ResponseWriter, name, part string, data any) {
	s.write(w, name, part, data)
}

func (s *Studio) write(w http.ResponseWriter, page, part string, data any) {
	var b bytes.Buffer
	if err := s.pages.by[page].ExecuteTemplate(&b, part, data); err != nil {
		http.Error(w, "this page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w)
}

// fail says in one sentence why there is no page.
func (s *Studio) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := http.StatusInternalServerError
	if errors.Is(err, errNoTarget) || errors.Is(err, os.ErrNotExist) || errors.Is(err, errNoRecord) {
		code = http.StatusNotFound
	}
	var b bytes.Buffer
	if terr := s.pages.by["error"].ExecuteTemplate(&b, "layout", s.frame("Not shown", "", sentence(err.Error()))); terr != nil {
		http.Error(w, err.Error(), code)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = b.WriteTo(w)
}

// sentence begins an error's text as sentences begin, unless that is a name.
func sentence(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return text
	}
	return strings.ToUpper(word[:1]) + text[1:]
}

// recordLink is the address of a record's page.
func recordLink(target, id string, q url.Values) string {
	v := url.Values{}
	for name, values := range q {
		v[name] = values
	}
	v.Set("id", id)
	return "/r/" + target + "?" + v.Encode()
}

// stateMark is a sign for a state, so that its colour is never all there is.
func stateMark(s graph.State) string {
	return map[graph.State]string{
		graph.Current: "✓", graph.Partial: "◐", graph.Stale: "↻", graph.Missing: "○",
		graph.Edited: "✎", graph.Failed: "✗", graph.Running: "▶",
	}[s]
}
