package worddiff

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// A Hunk is lines that differ, as they were and as they are. Line is where they
// begin in the text that is, from 1.
type Hunk struct {
	Line     int
	Was, Now string
}

// Lines returns the lines that differ between two texts, in their order.
func Lines(was, now string) []Hunk {
	var hunks []Hunk
	moved := 0 // how much further back a place of was is in now
	for _, e := range udiff.Lines(was, now) {
		at := e.Start + moved
		hunks = append(hunks, Hunk{1 + strings.Count(now[:at], "\n"), was[e.Start:e.End], e.New})
		moved += len(e.New) - (e.End - e.Start)
	}
	return hunks
}
