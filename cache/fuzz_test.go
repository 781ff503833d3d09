package cache

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// stretch bounds what a decoder may make of a text: more would be a bomb.
const stretch = maxPlain

func FuzzFrames(f *testing.F) {
	whole := frame{frameEntry, name{1}, []byte("body")}.append(nil)
	f.Add(whole)
	f.Add(append(bytes.Clone(whole[:20]), whole...))
	f.Add(append(make([]byte, 60), whole...))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := newScanner(bytes.NewReader(text), 0, int64(len(text)))
		s.thorough = true
		for last := int64(-1); ; {
			fr, at, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if at <= last || at+int64(fr.size()) > int64(len(text)) {
				t.Fatalf("a frame of %d bytes at %d, behind one at %d, in %d bytes", fr.size(), at, last, len(text))
			}
			if again := fr.append(nil); !bytes.Equal(again, text[at:at+int64(fr.size())]) {
				t.Fatalf("%q was read as %q", text[at:], again)
			}
			last = at
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack(nil, bytes.Repeat([]byte("some text "), 100)))
	f.Add(plain(nil, []byte("x")))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func([]byte) ([]byte, error){unpack, unpackForeign} {
			if v, err := read(text); err == nil && len(v) > stretch {
				t.Errorf("%d bytes became %d", len(text), len(v))
			}
		}
	})
}
