package view

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/identity-shaping/isf/internal/samples"
)

func TestMembersAreThoseThatADecoderSees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
			rapid.Map(rapid.SliceOf(rapid.String()), func(s []string) any { return s }),
			rapid.Map(rapid.MapOf(rapid.String(), rapid.Bool()), func(m map[string]bool) any { return m }),
		)).Draw(t, "object")
		line, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{}
		if !each(line, func(name, value []byte) {
			var key string
			if err := json.Unmarshal([]byte(`"`+string(name)+`"`), &key); err != nil {
				t.Fatal(err)
			}
			got[key] = value
		}) {
			t.Fatalf("%s is not read", line)
		}
		if d := cmp.Diff(want, got); d != "" && len(want)+len(got) > 0 {
			t.Error(d)
		}
	})
}

func TestWhatIsNoObjectEndsWithoutAPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		each(rapid.SliceOf(rapid.SampledFrom([]byte(`{}[]",:\ a1`))).Draw(t, "line"), func(_, _ []byte) {})
	})
}

func TestAnOutlineIsWhatDecodeSees(t *testing.T) {
	for _, text := range []string{
		`{"id":"a","messages":[{"role":"user","content":"Hi \"you\""},{"role":"assistant","content":"Hello"}],"meta":{"score":3},"steps":[{"messages":[]}]}`,
		`{"id":7,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}`,
		`{"id":"a","messages":[{"role":"assistant","content":null}]}`,
		`{"__ERROR__":{"error":"parse_error","message":"no tag","id":"b"}}`,
		`{"id":"t","fact":"It is.","provenance":{"steps":[]}}`,
	} {
		l := samples.Line{Number: 1, Text: []byte(text)}
		want, err := samples.Decode(l)
		if err != nil {
			t.Fatal(err)
		}
		got, err := outlined(l)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != want.ID || cmp.Diff(got.Messages, want.Messages) != "" || cmp.Diff(got.Meta, want.Meta) != "" || (got.Failed == nil) != (want.Failed == nil) {
			t.Errorf("%s is outlined as %+v, want %+v", text, got.Row, want)
		}
	}
}
