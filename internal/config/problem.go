package config

import (
	"fmt"
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

// Problems are all things wrong with a file, in the order of its lines.
type Problems []Problem

// Error says all problems at once.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
