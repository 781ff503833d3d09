// Package markdown cuts documents into the pieces that pipelines ask about.
//
// A paragraph is a run of lines of body text without a blank line; a list or a
// quotation is one paragraph, and a fenced code block stays whole. So does a
// comment (<!-- … -->), which is a paragraph of its own, whatever stands in the
// lines before and after it. Headings are ATX headings (`# …`); each piece carries those above it, outermost
// first. Nothing is rendered: text is returned as it was written.
package markdown

import "strings"

// A Block is one paragraph, with the headings it stands under.
type Block struct {
	Headings []string
	Text     string
	Line     int // where it begins, counted from 1
}

// A Section is a heading with all text up to the next heading of any level.
type Section struct {
	Headings []string // above it, without its own
	Title    string
	Text     string
	Line     int
}

// Paragraphs returns the body paragraphs of a document in order. Front matter
// between two `---` lines at the top is no body.
func Paragraphs(text string) []Block {
	var out []Block
	s := &scanner{lines: lines(text)}
	for s.next() {
		out = append(out, Block{Headings: s.path(), Text: strings.Join(s.block, "\n"), Line: s.start})
	}
	return out
}

// Sections returns the sections that have text of their own.
func Sections(text string) []Section {
	var out []Section
	for _, b := range Paragraphs(text) {
		title, above := "", b.Headings
		if n := len(above); n > 0 {
			title, above = above[n-1], above[:n-1]
		}
		if n := len(out); n > 0 && out[n-1].Title == title && equal(out[n-1].Headings, above) {
			out[n-1].Text += "\n\n" + b.Text
			continue
		}
		out = append(out, Section{above, title, b.Text, b.Line})
	}
	return out
}

func equal(a, b []string) bool {
	return strings.Join(a, "\x00") == strings.Join(b, "\x00")
}

func lines(text string) []string {
	text = strings.TrimPrefix(text, "\ufeff")
	all := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(all) > 0 && strings.TrimSpace(all[0]) == "---" {
		for i := 1; i < len(all); i++ {
			if strings.TrimSpace(all[i]) == "---" {
				for j := range all[:i+1] {
					all[j] = "" // blank, so that line numbers stay true
				}
				break
			}
		}
	}
	return all
}

// A scanner walks over lines and stops at each paragraph.
type scanner struct {
	lines    []string
	at       int
	headings [6]string
	block    []string
	start    int
}

// next moves to the next paragraph.
func (s *scanner) next() bool {
	s.block = nil
	fence := ""
	for ; s.at < len(s.lines); s.at++ {
		line := s.lines[s.at]
		level, title := heading(line)
		switch {
		case fence != "":
			s.take(line)
			if strings.HasPrefix(strings.TrimSpace(line), fence) {
				fence = ""
			}
		case strings.HasPrefix(strings.TrimSpace(line), commentBegins):
			if s.block != nil {
				return true
			}
			s.comment()
			return true
		case level > 0:
			if s.block != nil {
				return true
			}
			s.enter(level, title)
		case strings.TrimSpace(line) == "" || rule(line):
			if s.block != nil {
				return true
			}
		default:
			fence = opens(line)
			s.take(line)
		}
	}
	return s.block != nil
}

const commentBegins, commentEnds = "<!--", "-->"

// comment takes lines up to the one that ends the comment, or all.
func (s *scanner) comment() {
	for ; s.at < len(s.lines); s.at++ {
		s.take(s.lines[s.at])
		if strings.Contains(s.lines[s.at], commentEnds) {
			s.at++
			return
		}
	}
}

func (s *scanner) take(line string) {
	if s.block == nil {
		s.start = s.at + 1
	}
	s.block = append(s.block, strings.TrimRight(line, " \t"))
}

func (s *scanner) enter(level int, title string) {
	s.headings[level-1] = title
	for i := level; i < len(s.headings); i++ {
		s.headings[i] = ""
	}
}

func (s *scanner) path() []string {
	var out []string
	for _, h := range s.headings {
		if h != "" {
			out = append(out, h)
		}
	}
	return out
}

// heading returns the level and the text of an ATX heading, or 0.
func heading(line string) (int, string) {
	trimmed := strings.TrimLeft(line, " ")
	if len(line)-len(trimmed) > 3 {
		return 0, ""
	}
	level := len(trimmed) - len(strings.TrimLeft(trimmed, "#"))
	rest := trimmed[level:]
	if level == 0 || level > 6 || (rest != "" && rest[0] != ' ' && rest[0] != '\t') {
		return 0, ""
	}
	title := strings.TrimSpace(rest)
	if cut := strings.TrimRight(title, "#"); cut == "" || strings.HasSuffix(cut, " ") {
		title = strings.TrimSpace(cut)
	}
	return level, title
}

// opens returns the fence that a line opens, or "".
func opens(line string) string {
	for _, f := range []string{"```", "~~~"} {
		if strings.HasPrefix(strings.TrimSpace(line), f) {
			return f
		}
	}
	return ""
}

// rule reports whether a line only draws a line between paragraphs.
func rule(line string) bool {
	compact := strings.ReplaceAll(strings.TrimSpace(line), " ", "")
	if len(compact) < 3 {
		return false
	}
	return strings.Trim(compact, "-") == "" || strings.Trim(compact, "*") == "" || strings.Trim(compact, "_") == ""
}
