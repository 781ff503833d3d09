package dispatch

import (
	"errors"
	"io"
	"net/http/httptrace"
	"testing"
)

func bodyFor(t *testing.T, question string) *body {
	t.Helper()
	m := &Model{Provider: "sim", ID: "m"}
	fs, err := (&Request{Model: m, Messages: user(question)}).Fields()
	if err != nil {
		t.Fatal(err)
	}
	return &body{model: m, fs: fs, prompts: newPrompts()}
}

func readerOf(t *testing.T, b *body) io.Reader {
	t.Helper()
	r, err := b.reader()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func textOf(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A transport may still read a body when its request has been answered, or broken off. Its memory is used for
// another body only when it is known to have been written.
func TestABodyThatMayBeReadIsNotWrittenOver(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wrote *httptrace.WroteRequestInfo // nil: nothing is known of it
		again bool                        // a second reader was handed out
		used  bool                        // the memory is free
	}{
		{"written", &httptrace.WroteRequestInfo{}, false, true},
		{"not written yet", nil, false, false},
		{"broken off", &httptrace.WroteRequestInfo{Err: errors.New("broken pipe")}, false, false},
		{"read again", &httptrace.WroteRequestInfo{}, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			used := false
			for range 100 { // a pool may lose what it is given
				b := bodyFor(t, "first")
				r := readerOf(t, b)
				if tt.again {
					readerOf(t, b)
				}
				if tt.wrote != nil {
					httptrace.ContextClientTrace(b.watched(t.Context())).WroteRequest(*tt.wrote)
				}
				later := bodyFor(t, "later")
				want := textOf(t, readerOf(t, later))
				used = used || textOf(t, r) == want
			}
			if used != tt.used {
				t.Errorf("another body was written over it: %v, want %v", used, tt.used)
			}
		})
	}
}

// A transport may ask for a body once more that it has written, when the connection turns out to be dead.
func TestABodyThatWasWrittenCanBeReadAgain(t *testing.T) {
	b := bodyFor(t, "who are you?")
	first := textOf(t, readerOf(t, b))
	b.written()
	textOf(t, readerOf(t, bodyFor(t, "and in its place?")))
	if again := textOf(t, readerOf(t, b)); again != first || int64(len(first)) != b.size {
		t.Errorf("at first it was\n%s\nand then\n%s\nof %d bytes", first, again, b.size)
	}
}
