package cache

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func rawJSON(s string) any { return json.RawMessage(s) }

// anyTree draws free JSON as encoding/json would decode it.
func anyTree() *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(v bool) any { return v }),
		rapid.Map(rapid.Int64(), func(v int64) any { return v }),
		rapid.Map(rapid.Float64(), func(v float64) any { return v }),
		rapid.Map(rapid.String(), func(v string) any { return v }),
	)
	return rapid.Custom(func(t *rapid.T) any {
		v := leaf.Draw(t, "leaf")
		for range rapid.IntRange(0, 3).Draw(t, "depth") {
			if rapid.Bool().Draw(t, "object") {
				v = map[string]any{rapid.String().Draw(t, "k"): v, rapid.String().Draw(t, "k2"): leaf.Draw(t, "v2")}
			} else {
				v = []any{v, leaf.Draw(t, "v3")}
			}
		}
		return v
	})
}

func knownTags() (known []Tag) {
	for t, d := range tags {
		if d.name != "" {
			known = append(known, Tag(t))
		}
	}
	return known
}

func anyField() *rapid.Generator[Field] {
	return rapid.Custom(func(t *rapid.T) Field {
		tag := rapid.SampledFrom(knownTags()).Draw(t, "tag")
		switch tag.Kind() {
		case KindInt:
			return Int(tag, rapid.Int64().Draw(t, "int"))
		case KindFloat:
			return Float(tag, rapid.Float64().Draw(t, "float"))
		case KindBool:
			return Bool(tag, rapid.Bool().Draw(t, "bool"))
		case KindTree:
			f, err := Tree(tag, anyTree().Draw(t, "tree"))
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		return String(tag, anyText().Draw(t, "text"))
	})
}

// anyText draws texts on both sides of what is kept as a blob.
func anyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.String().Draw(t, "s")
		if rapid.IntRange(0, 4).Draw(t, "long") == 0 {
			for len(s) <= maxInline {
				s += s + "Who are you? "
			}
		}
		return s
	})
}

func anyFields() *rapid.Generator[Fields] {
	return rapid.Custom(func(t *rapid.T) Fields {
		return rapid.SliceOfN(anyField(), 0, 12).Draw(t, "fields")
	})
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		n := rapid.Int64Range(0, math.MaxInt64-2*int64(time.Second)).Draw(t, "nano")
		if n == 0 {
			return time.Time{}
		}
		return time.Unix(0, n).UTC()
	})
}

func anyEntry() *rapid.Generator[*Entry] {
	return rapid.Custom(func(t *rapid.T) *Entry {
		n := rapid.Int64()
		e := &Entry{
			Fields: anyFields().Draw(t, "fields"),
			Raw:    []byte(anyText().Draw(t, "raw")), Text: anyText().Draw(t, "text"), Reasoning: anyText().Draw(t, "reasoning"),
			Finish:    rapid.SampledFrom([]string{"stop", "length", "content_filter", ""}).Draw(t, "finish"),
			CostKnown: rapid.Bool().Draw(t, "cost known"), CostNano: n.Draw(t, "cost"),
			ModelResolved: rapid.String().Draw(t, "model"), Commit: rapid.String().Draw(t, "commit"), Engine: rapid.String().Draw(t, "engine"),
			Pack:  rapid.SampledFrom([]Digest{{}, DigestOf([]byte("pack"))}).Draw(t, "pack"),
			Start: anyTime().Draw(t, "start"), End: anyTime().Draw(t, "end"),
		}
		if rapid.Bool().Draw(t, "usage known") {
			e.Usage = Usage{true, n.Draw(t, "p"), n.Draw(t, "c"), n.Draw(t, "cp"), n.Draw(t, "r")}
		}
		return e
	})
}

func TestTreeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := encodeTree(anyTree().Draw(t, "tree"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := decodeTree(b)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		again, err := encodeTree(v)
		if err != nil || string(again) != string(b) {
			t.Fatalf("%x became %x (%v)", b, again, err)
		}
		if _, err := decodeTree(append(b, 0)); err == nil {
			t.Fatal("a byte too many was accepted")
		}
	})
}

func TestFieldValuesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, f, b, s := rapid.Int64().Draw(t, "i"), rapid.Float64().Draw(t, "f"), rapid.Bool().Draw(t, "b"), rapid.String().Draw(t, "s")
		if got := Int(TagSeed, i).Int(); got != i {
			t.Fatalf("int %d became %d", i, got)
		}
		if got := Float(TagTopP, f).Float(); got != f {
			t.Fatalf("float %g became %g", f, got)
		}
		if got := Bool(TagPrefill, b).Bool(); got != b {
			t.Fatalf("bool %t became %t", b, got)
		}
		if got := String(TagName, s).Str(); got != s {
			t.Fatalf("string %q became %q", s, got)
		}
	})
}

// Two requests have the same key exactly when their text fields are the same,
// messages in the same order.
func TestKeyIsTheTextFields(t *testing.T) {
	text := func(fs Fields) (out Fields) {
		for _, f := range fs {
			if f.Tag.Class() == Text {
				out = append(out, f)
			}
		}
		slices.SortStableFunc(out, func(a, b Field) int { return int(a.Tag.rank()) - int(b.Tag.rank()) })
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		a := anyFields().Draw(t, "a")
		b := slices.Clone(a)
		if len(b) > 0 {
			i := rapid.IntRange(0, len(b)-1).Draw(t, "i")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				b[i] = anyField().Draw(t, "field")
			case 1:
				b = slices.Delete(b, i, i+1)
			case 2:
				b[0], b[i] = b[i], b[0]
			}
		}
		same := slices.Equal(text(a), text(b))
		if got := a.Key() == b.Key(); got != same {
			t.Fatalf("equal keys %t, equal text fields %t", got, same)
		}
	})
}
