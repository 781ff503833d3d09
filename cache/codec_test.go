package cache

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// answer is an entry as builds store them.
func answer(fs Fields, text string) *Entry {
	return &Entry{
		Fields: fs, Raw: []byte(`{"choices":[{"message":{"content":"` + text + `"}}]}`), Text: text, Finish: "stop",
		Usage: Usage{Known: true, Prompt: 12, Completion: 5}, CostKnown: true, CostNano: 1_250,
		ModelResolved: "sim/judge-1", Start: time.Unix(1_700_000_000, 5).UTC(), End: time.Unix(1_700_000_001, 7).UTC(),
		Commit: "0123abc", Engine: "isf v0.1",
	}
}

// blobsOf is what a store keeps beside the entry.
func blobsOf(e *Entry) func(Digest) (string, error) {
	blobs := map[Digest]string{}
	for _, f := range e.Fields {
		blobs[DigestOf([]byte(f.Value))] = f.Value
	}
	return func(d Digest) (string, error) {
		if v, ok := blobs[d]; ok {
			return v, nil
		}
		return "", errors.New("no such blob")
	}
}

func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyEntry().Draw(t, "entry")
		body, err := encodeEntry(want, want.Fields.parts())
		if err != nil {
			t.Fatal(err)
		}
		f, err := readFrame(frame{frameEntry, want.Ref().name(), body}.append(nil))
		if err != nil {
			t.Fatal(err)
		}
		s, err := decodeEntry(f.body)
		if err != nil {
			t.Fatal(err)
		}
		if s.ref() != want.Ref() || f.name.ref() != want.Ref() {
			t.Fatalf("ref %v from the stored fields, want %v", s.ref(), want.Ref())
		}
		got, err := s.entry(blobsOf(want))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
	})
}

// What is written today must be readable for ever.
func TestTheEntryFormatIsGolden(t *testing.T) {
	e := answer(Fields{String(TagOrigin, "sim/judge-1"), String(TagRole, "user"), String(TagContent, "Hello"), Int(TagMaxTokens, 9)}, "Hi")
	e.Raw = []byte("{}")
	const golden = "\x01\x00\x04" +
		"\x00\x01\x00\x0bsim/judge-1" + "\x00\x02\x00\x04user" + "\x00\x03\x00\x05Hello" + "\x00\x50\x00\x08\x00\x00\x00\x00\x00\x00\x00\x09" +
		"\x02{}" + "\x02Hi" + "\x00" + "\x04stop" +
		"\x01\x18\x0a\x00\x00" + "\x01\xc4\x13" + "\x0bsim/judge-1" +
		"\x85\x80\xa8\xb1\xe3\x9f\xe7\xcb\x17" + "\x87\x94\x93\x8e\xe7\x9f\xe7\xcb\x17" + "\x070123abc" + "\x08isf v0.1"
	body, err := encodeEntry(e, e.Fields.parts())
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != golden {
		t.Errorf("body\n%q, want\n%q", body, golden)
	}
}

func TestADamagedFrameIsNotRead(t *testing.T) {
	e := answer(Fields{String(TagRole, "user"), String(TagContent, "Hello")}, "Hi")
	body, err := encodeEntry(e, e.Fields.parts())
	if err != nil {
		t.Fatal(err)
	}
	whole := frame{frameEntry, e.Ref().name(), body}.append(nil)
	for bit := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := readFrame(b); err == nil {
			t.Errorf("a frame with bit %d flipped was read", bit)
		}
	}
	for n := range whole {
		if _, err := readFrame(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were read as a frame", n, len(whole))
		}
	}
}

func TestAMissingBlobIsAnError(t *testing.T) {
	e := answer(Fields{String(TagContent, strings.Repeat("long ", 500))}, "Hi")
	body, err := encodeEntry(e, e.Fields.parts())
	if err != nil {
		t.Fatal(err)
	}
	s, err := decodeEntry(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.entry(func(Digest) (string, error) { return "", errEntry }); err == nil {
		t.Error("an entry without its long value was read")
	}
	if _, err := s.entry(func(Digest) (string, error) { return "short", nil }); err == nil {
		t.Error("an entry was completed with a value of another length")
	}
}

func TestPackedTextsComeBack(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("again and ", 500), strings.Repeat("\x00", 1<<20)} {
		packed := pack([]byte("before"), []byte(s))
		got, err := unpack(packed[len("before"):])
		if err != nil || string(got) != s {
			t.Errorf("%d bytes came back as %d, %v", len(s), len(got), err)
		}
	}
	if n := len(pack(nil, []byte(strings.Repeat("again and ", 500)))); n > 500 {
		t.Errorf("a repeating text of 5,000 bytes takes %d", n)
	}
}

func FuzzDecodeTree(f *testing.F) {
	b, _ := encodeTree(map[string]any{"a": []any{1, 0.5, "x", nil, true}})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decodeTree(b)
		if err != nil {
			return
		}
		if again, err := encodeTree(v); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x was read and is written as %x, %v", b, again, err)
		}
	})
}

func FuzzDecodeEntry(f *testing.F) {
	e := answer(Fields{String(TagContent, strings.Repeat("long ", 500)), Int(TagMaxTokens, 3)}, strings.Repeat("Hi ", 200))
	body, _ := encodeEntry(e, e.Fields.parts())
	f.Add(body)
	f.Add([]byte{entryFormat, packedPlain, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeEntry(b)
		if err != nil {
			return
		}
		_ = s.ref()
		if e, err := s.entry(func(Digest) (string, error) { return "", errEntry }); err == nil {
			e.Fields.Explain(&strings.Builder{})
		}
	})
}

func FuzzReadFrame(f *testing.F) {
	f.Add(frame{frameBlob, Digest{1}.name(), []byte("body")}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := readFrame(b)
		if err == nil && !bytes.Equal(fr.append(nil), b[:fr.size()]) {
			t.Fatalf("%x was read and is written as %x", b, fr.append(nil))
		}
	})
}
