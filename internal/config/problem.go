package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File         string // relative to the root
	Line, Column int    // from 1; 0 when the whole file is at fault
	Message      string
	Excerpt      string // the line with a caret below the column, or ""
}

// Error says where, what, and shows the line.
func (p Problem) Error() string {
	s := p.File
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	s += ": " + p.Message
	if p.Excerpt != "" {
		s += "\n" + p.Excerpt
	}
	return s
}

// Problems are all things wrong with files, in the order of their lines.
type Problems []Problem

// Error says all problems at once.
func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
}

// excerpt shows a line with a caret below the column.
func excerpt(line string, number, column int) string {
	line = strings.TrimRight(strings.ReplaceAll(line, "\t", " "), "\r ")
	if line == "" {
		return ""
	}
	margin := fmt.Sprintf("%5d | ", number)
	gap := strings.Repeat(" ", len(margin)-2) + "| "
	return margin + line + "\n" + gap + strings.Repeat(" ", max(column-1, 0)) + "^"
}
