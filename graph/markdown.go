package graph

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Sections are for people, so they are bounded: a file has at most maxSections
// of them, the last holding the rest; larger files and other formats have none.
const (
	maxSections    = 200
	maxSectioned   = 1 << 20
	maxHeading     = 120 // bytes of one heading in a name
	headingJoint   = " > "
	beforeHeadings = "(before the first heading)"
	restOfFile     = "(the rest of the file)"
	untitled       = "(untitled)"
)

func hasSections(name string, size int64) bool {
	return size <= maxSectioned && strings.EqualFold(path.Ext(name), ".md")
}

// sections splits Markdown at its headings. A piece is named by the headings
// above it, and covers its own heading and text, not those of pieces below it;
// together the pieces cover every byte. Headings within code fences are text.
func sections(text []byte) []PartField {
	if len(text) == 0 {
		return nil
	}
	var fields []PartField
	var above [6]string
	names := make(map[string]int)
	name, start := beforeHeadings, 0
	end := func(at int) {
		if at > start {
			fields = append(fields, PartField{Name: unique(names, name), Digest: ShortDigest(text[start:at])})
		}
		start = at
	}
	var fence fenceState
	for at := 0; at < len(text); {
		line := text[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		if level, title := heading(line); !fence.inside(line) && level > 0 {
			end(at)
			if len(fields) == maxSections-1 {
				name = restOfFile
				break
			}
			above[level-1] = title
			clear(above[level:])
			name = joinHeadings(above[:level])
		}
		at += len(line)
	}
	end(len(text))
	return fields
}

// heading returns the level of an ATX heading and its title; 0 for other lines.
func heading(line []byte) (level int, title string) {
	s := strings.TrimRight(string(line), " \t\r\n")
	s = strings.TrimLeft(s, " ")
	for level < len(s) && s[level] == '#' {
		level++
	}
	if level == 0 || level > 6 || level < len(s) && s[level] != ' ' && s[level] != '\t' {
		return 0, ""
	}
	title = strings.TrimSpace(strings.TrimRight(s[level:], "#"))
	return level, shorten(strings.Map(printable, title), maxHeading)
}

// printable keeps what separates packed fields out of names.
func printable(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}

// shorten cuts s to n bytes at most, between characters.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func joinHeadings(above []string) string {
	var set []string
	for _, h := range above {
		if h != "" {
			set = append(set, h)
		}
	}
	if len(set) == 0 {
		return untitled
	}
	return strings.Join(set, headingJoint)
}

// unique numbers headings that repeat.
func unique(names map[string]int, name string) string {
	names[name]++
	if n := names[name]; n > 1 {
		return fmt.Sprintf("%s (%d)", name, n)
	}
	return name
}

// A fenceState follows code fences: ``` or ~~~, closed by at least as many.
type fenceState struct {
	mark byte
	n    int
}

// inside reports whether line belongs to fenced code, its fences included.
func (f *fenceState) inside(line []byte) bool {
	s := bytes.TrimLeft(line, " ")
	n := 0
	for n < len(s) && (s[n] == '`' || s[n] == '~') && s[n] == s[0] {
		n++
	}
	switch {
	case f.n == 0 && n >= 3:
		f.mark, f.n = s[0], n
		return true
	case f.n > 0 && n >= f.n && s[0] == f.mark && len(bytes.TrimSpace(s[n:])) == 0:
		f.n = 0
		return true
	}
	return f.n > 0
}

// packFields and unpackFields keep fields in one string: 10,000 files with ten
// sections each would otherwise be 200,000 strings to load.
func packFields(fields []PartField) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name)
		b.WriteByte(0)
		b.WriteString(f.Digest)
		b.WriteByte('\n')
	}
	return b.String()
}

func unpackFields(s string) []PartField {
	if s == "" {
		return nil
	}
	fields := make([]PartField, 0, strings.Count(s, "\n"))
	for line := range strings.Lines(s) {
		name, digest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\x00")
		fields = append(fields, PartField{Name: name, Digest: digest})
	}
	return fields
}
