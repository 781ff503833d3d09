package dispatch

import (
	"errors"
	"io"
	"net/http/httptrace"
	"testing"
)

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
				var b body
				b.pieces = pieces{append(roomFor(100), "first"...)}
				r := b.reader()
				if tt.again {
					b.reader()
				}
				if tt.wrote != nil {
					httptrace.ContextClientTrace(b.watched(t.Context())).WroteRequest(*tt.wrote)
				}
				b.free()
				_ = append(roomFor(100), "later"...)
				got, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				used = used || string(got) == "later"
			}
			if used != tt.used {
				t.Errorf("another body was written over it: %v, want %v", used, tt.used)
			}
		})
	}
}
