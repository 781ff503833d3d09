package cli

import (
	"bufio"
	"context"
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
	stop <-chan struct{}
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
// that everything printed in between is as usual: a Ctrl-C that comes then is a
// signal, which ends ctx and not the wait.
func newKeyboard(ctx context.Context, f *os.File, echo io.Writer) *keyboard {
	k := &keyboard{in: bufio.NewReader(f), raw: func() (func(), error) { return func() {}, nil }, echo: io.Discard, stop: ctx.Done()}
	if fd := int(f.Fd()); term.IsTerminal(fd) {
		k.echo = echo
		k.raw = func() (func(), error) {
			was, err := term.MakeRaw(fd)
			return func() { _ = term.Restore(fd, was) }, err
		}
	}
	return k
}

// key waits for a key. The end of the input reads as Ctrl-D, and an interrupt as
// Ctrl-C, after which no other key can be awaited.
func (k *keyboard) key() (rune, error) {
	restore, err := k.raw()
	if err != nil {
		return 0, fmt.Errorf("read a key: %w", err)
	}
	defer restore()
	return k.next()
}

func (k *keyboard) next() (rune, error) {
	type read struct {
		key rune
		err error
	}
	typed := make(chan read, 1)
	go func() {
		key, _, err := k.in.ReadRune()
		typed <- read{key, err}
	}()
	select {
	case <-k.stop:
		return keyInterrupt, nil
	case got := <-typed:
		if errors.Is(got.err, io.EOF) {
			return keyEnd, nil
		}
		return got.key, got.err
	}
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
