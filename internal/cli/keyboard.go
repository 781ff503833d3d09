package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode"

	"golang.org/x/term"
)

// A keyboard reads single keys: of a terminal without waiting for enter, of
// anything else its characters.
type keyboard struct {
	in   *bufio.Reader
	raw  func() (restore func(), err error)
	echo io.Writer // of lines that are typed
}

// The keys that have no character.
const (
	keyInterrupt = 3 // Ctrl-C
	keyEnd       = 4 // Ctrl-D
	keyBackspace = 8
	keyEscape    = 27
	keyDelete    = 127
)

// newKeyboard reads keys of f. A terminal is raw only while a key is awaited, so
// that everything printed in between is as usual.
func newKeyboard(f *os.File, echo io.Writer) *keyboard {
	k := &keyboard{in: bufio.NewReader(f), raw: func() (func(), error) { return func() {}, nil }, echo: io.Discard}
	if fd := int(f.Fd()); term.IsTerminal(fd) {
		k.echo = echo
		k.raw = func() (func(), error) {
			was, err := term.MakeRaw(fd)
			return func() { _ = term.Restore(fd, was) }, err
		}
	}
	return k
}

// key waits for a key. The end of the input reads as Ctrl-D.
func (k *keyboard) key() (rune, error) {
	restore, err := k.raw()
	if err != nil {
		return 0, fmt.Errorf("read a key: %w", err)
	}
	defer restore()
	return k.next()
}

func (k *keyboard) next() (rune, error) {
	r, _, err := k.in.ReadRune()
	if errors.Is(err, io.EOF) {
		return keyEnd, nil
	}
	return r, err
}

// line reads what is typed until enter. ok is false after Ctrl-C or escape, and
// where the input ends before anything was typed.
func (k *keyboard) line() (text string, ok bool, err error) {
	restore, err := k.raw()
	if err != nil {
		return "", false, fmt.Errorf("read a line: %w", err)
	}
	defer restore()
	var typed []rune
	for {
		r, err := k.next()
		switch {
		case err != nil || r == keyInterrupt || r == keyEscape || (r == keyEnd && len(typed) == 0):
			return "", false, err
		case r == '\r' || r == '\n' || r == keyEnd:
			return string(typed), true, nil
		case r == keyBackspace || r == keyDelete:
			if len(typed) > 0 {
				typed = typed[:len(typed)-1]
				fmt.Fprint(k.echo, "\b \b")
			}
		case unicode.IsPrint(r):
			typed = append(typed, r)
			fmt.Fprint(k.echo, string(r))
		}
	}
}
