// Package term writes for people: on a terminal with colours and in place, in a
// pipe as plain lines.
//
// Text that comes from elsewhere (models, providers, files, names) could hold
// control sequences that move the cursor, hide text or reverse it. It passes
// through Safe or SafeLine on its way out, in pipes too, since a pipe often
// ends in a terminal. What this package draws by itself has passed through.
package term

import (
	"os"
	"time"

	"golang.org/x/term"
)

// A Screen says what the place is like that text goes to. The zero value is a
// pipe.
type Screen struct {
	Terminal bool                       // text can be drawn over
	Colours  bool                       // and coloured
	Size     func() (width, height int) // of a terminal, as it is now
	Now      func() time.Time           // nil is time.Now
}

// ScreenOf finds out about a file such as os.Stderr. Colours are for terminals
// only, and not where NO_COLOR is set (https://no-color.org).
func ScreenOf(f *os.File) Screen {
	if !IsTerminal(f) {
		return Screen{}
	}
	return Screen{
		Terminal: true,
		Colours:  os.Getenv("NO_COLOR") == "",
		Size:     func() (int, int) { return size(f) },
	}
}

// IsTerminal reports whether f is a terminal that can move its cursor.
func IsTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && understands(f)
}

// usualWidth and usualHeight are those of a terminal that does not tell.
const usualWidth, usualHeight = 80, 24

func size(f *os.File) (width, height int) {
	w, h, err := term.GetSize(int(f.Fd()))
	if err != nil || w <= 0 || h <= 0 {
		return usualWidth, usualHeight
	}
	return w, h
}

// Width is how many columns text may take on the screen; a pipe has the usual.
func (s Screen) Width() int {
	if s.Size == nil {
		return usualWidth
	}
	w, _ := s.Size()
	return w
}

func (s Screen) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// The methods below colour text where the screen can.

func (s Screen) Bold(text string) string   { return s.sgr("1", text) }
func (s Screen) Dim(text string) string    { return s.sgr("2", text) }
func (s Screen) Red(text string) string    { return s.sgr("31", text) }
func (s Screen) Green(text string) string  { return s.sgr("32", text) }
func (s Screen) Yellow(text string) string { return s.sgr("33", text) }
func (s Screen) Cyan(text string) string   { return s.sgr("36", text) }

func (s Screen) sgr(code, text string) string {
	if !s.Colours || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
