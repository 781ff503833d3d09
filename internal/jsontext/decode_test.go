package jsontext

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type turn struct {
	Role    string   `json:"role"`
	Content string   `json:"content"`
	Weight  *float64 `json:"weight,omitempty"`
	//lint:ignore U1000 a row names it, and no decoder may set it
	hidden string
}

// everything has what the fast path reads, and what it leaves to encoding/json.
type everything struct {
	ID    string `json:"id"`
	Turns []turn `json:"messages"`
	Score int8   `json:"score"`
	Share float32
	Good  *bool          `json:"good"`
	Next  *everything    `json:"next"`
	Meta  map[string]any `json:"meta"`
	Any   any            `json:"any"`
	When  time.Time      `json:"when"`
	Bytes []byte         `json:"bytes"`
	Raw   json.RawMessage
	Num   json.Number `json:"num"`
	Out   string      `json:"-"`
	Pair  [2]int      `json:"pair"`
	Names []string    `json:"names"`
}

var rows = []string{
	`{"messages":[{"hidden":"x","role":"user"}]}`,
	`{"id":"r1","messages":[{"role":"user","content":"a \"b\" \u00e9\n🏮"},{"role":"x","content":"","weight":0.5}],"score":5,"Share":1e-3,"good":true}`,
	`{"ID":"other letters","id":"x"}`, `{"id":"twice","id":"then"}`, `{"id":null,"messages":null,"good":null,"next":null,"score":null,"Share":null}`,
	`{"next":{"id":"inner","next":{"score":-128}}}`, `{"score":128}`, `{"score":1.5}`, `{"id":7}`, `{"messages":{}}`, `{"messages":[]}`, `{"messages":[null,{"role":1}]}`,
	`{"meta":{"a":[1,2.5,"x"]},"any":[{"b":null}],"when":"2026-01-02T03:04:05Z","bytes":"aGk=","Raw":{"x": 1},"num":12}`,
	`{"pair":[1,2,3],"names":["a",null,"\ud83c"],"unknown":{"deep":[[[]]]}}`, `{"ſcore":3}`, `{"share":2}`, `[]`, `null`, ``, `{`, `{"id":"x"} {}`, "{\"id\":\"\xff\"}", `{"Share":1e999}`, `{"-":"x"}`,
}

func FuzzDecode(f *testing.F) {
	for _, s := range rows {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Decode[everything]([]byte(s))
		var want everything
		wantErr := json.Unmarshal([]byte(s), &want)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
			t.Errorf("%q reads\n%+v, %v; encoding/json says\n%+v, %v", s, got, err, want, wantErr)
		}
	})
}

func TestADecodedValueSharesNoMemoryWithItsText(t *testing.T) {
	text := []byte(`{"id":"kept","messages":[{"role":"user","content":"kept too"}],"names":["and this"],"any":"that","Raw":"raw"}`)
	got, err := Decode[everything](text)
	clear(text)
	if err != nil || got.ID != "kept" || got.Turns[0].Content != "kept too" || got.Names[0] != "and this" || got.Any != "that" || string(got.Raw) != `"raw"` {
		t.Errorf("got %+v, %v after the text was overwritten", got, err)
	}
}

func TestOtherTypesThanStructsAreDecoded(t *testing.T) {
	if got, err := Decode[map[string]any]([]byte(`{"a":1}`)); err != nil || got["a"] != 1.0 {
		t.Errorf("got %v, %v; want a map", got, err)
	}
	if got, err := Decode[*turn]([]byte(`{"role":"user"}`)); err != nil || got.Role != "user" {
		t.Errorf("got %v, %v; want a pointer to a turn", got, err)
	}
	if got, err := Decode[struct{ turn }]([]byte(`{"role":"user"}`)); err != nil || got.Role != "user" {
		t.Errorf("got %v, %v; want an embedded turn", got, err)
	}
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(`{"id":"r1","text":"` + strings.Repeat(`Question 17. What do you keep?\n`, 128) + `"}`)
	type row struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Decode[row](text)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r row
			_ = json.Unmarshal(text, &r)
		}
	})
}
