package engine

import (
	"io"
	"strings"

	"github.com/identity-shaping/isf/internal/markdown"
)

// A Paragraph is a paragraph of a Markdown file with the headings it stands
// under, outermost first.
type Paragraph struct {
	ID       string   `json:"id"`
	Headings []string `json:"headings"`
	Text     string   `json:"text"`
}

// A Section is a heading of a Markdown file with its text.
type Section struct {
	ID       string   `json:"id"`
	Headings []string `json:"headings"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
}

// Paragraphs returns the body paragraphs of a declared Markdown file.
func Paragraphs(b *Build, f File) Rows {
	return pieces(b, f, func(text string, yield func(any) bool) {
		for _, p := range markdown.Paragraphs(text) {
			id := contentID("paragraph", strings.Join(p.Headings, "\x00"), p.Text)
			if !yield(Paragraph{id, p.Headings, p.Text}) {
				return
			}
		}
	})
}

// Sections returns the sections of a declared Markdown file.
func Sections(b *Build, f File) Rows {
	return pieces(b, f, func(text string, yield func(any) bool) {
		for _, s := range markdown.Sections(text) {
			id := contentID("section", strings.Join(s.Headings, "\x00"), s.Title, s.Text)
			if !yield(Section{id, s.Headings, s.Title, s.Text}) {
				return
			}
		}
	})
}

// pieces cuts a document when its rows are read. A piece that stands twice in
// it is one record: its id is its content.
func pieces(b *Build, f File, cut func(string, func(any) bool)) Rows {
	return From(b, func(yield func(any, error) bool) {
		text, err := b.document(f)
		if err != nil {
			yield(nil, err)
			return
		}
		seen := map[string]bool{}
		cut(text, func(v any) bool {
			id := ownID(v)
			if seen[id] {
				return true
			}
			seen[id] = true
			return yield(v, nil)
		})
	})
}

// document reads a declared file whole.
func (b *Build) document(f File) (string, error) {
	if err := b.declared("file", string(f)); err != nil {
		return "", err
	}
	in, err := b.open(string(f))
	if err != nil {
		return "", err
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	return string(text), err
}
