package cli

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/markdown"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/worddiff"
)

const (
	// mostHunks are shown of a text that has changed.
	mostHunks = 8
	// besideChange is how many words are shown before and after what changed in a
	// paragraph: about a sentence.
	besideChange = 12
)

// textHunk is a changed place of a text in `why --json`.
type textHunk struct {
	Line    int    `json:"line"` // in the text as it is now
	Section string `json:"section,omitempty"`
	Was     string `json:"was"`
	Now     string `json:"now"`
}

// changedText is a text of `why --json`.
type changedText struct {
	engine.ChangedText
	Hunks []textHunk `json:"changes,omitempty"`
}

// hunksOf finds the places that differ: paragraphs of prose, lines of all else.
func hunksOf(t engine.ChangedText) []textHunk {
	var out []textHunk
	switch path.Ext(t.Name) {
	case ".jsonl", ".json", ".yaml", ".yml", ".csv":
		for _, h := range worddiff.Lines(t.Was, t.Now) {
			out = append(out, textHunk{h.Line, "", strings.TrimRight(h.Was, "\n"), strings.TrimRight(h.Now, "\n")})
		}
	default:
		sections := markdown.Paragraphs(t.Now)
		for _, h := range worddiff.Paragraphs(t.Was, t.Now) {
			out = append(out, textHunk{h.Line, sectionAt(sections, h.Line), h.Was, h.Now})
		}
	}
	return out
}

// sectionAt is the heading that a line of a document stands under.
func sectionAt(blocks []markdown.Block, line int) (name string) {
	for _, b := range blocks {
		if b.Line > line {
			break
		}
		if n := len(b.Headings); n > 0 {
			name = b.Headings[n-1]
		}
	}
	return name
}

// printTexts shows in which sentences texts differ. Of a text that was not kept
// the reasons have named the section.
func printTexts(out io.Writer, texts []engine.ChangedText) {
	screen := screenOf(out)
	for _, t := range texts {
		if !t.Known {
			continue
		}
		hunks := hunksOf(t)
		for i, h := range hunks {
			if i == mostHunks {
				fmt.Fprintf(out, "  and %s more of %s\n", count(len(hunks)-i, "place"), safe(t.Name))
				break
			}
			place := safe(t.Name)
			if path.Ext(t.Name) != "" {
				place = fmt.Sprintf("%s:%d", place, h.Line)
			}
			if h.Section != "" {
				place += screen.Dim(", section '" + safe(h.Section) + "'")
			}
			fmt.Fprintf(out, "  %s\n%s\n", place, indent(excerpt(screen, h.Was, h.Now)))
		}
	}
}

// excerpt marks what is old and what is new, with some words around.
func excerpt(screen term.Screen, was, now string) string {
	return marked(screen, worddiff.Excerpt(worddiff.Words(safe(was), safe(now)), besideChange))
}
