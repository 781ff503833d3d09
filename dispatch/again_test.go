package dispatch

import (
	"bytes"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/cache"
)

// What is kept with an answer is all of its request: stored, read back and restored, it is the same
// request under the same key, byte for byte on the wire.
func TestARequestIsRestoredFromItsEntry(t *testing.T) {
	dir := t.TempDir()
	store, err := cache.Open(dir, cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var refs []cache.Ref
	for _, tt := range bodies {
		fs, err := tt.r.Fields()
		if err != nil {
			t.Fatal(err)
		}
		e := &cache.Entry{Fields: fs, Text: "yes", Finish: "stop"}
		refs = append(refs, e.Ref())
		if err := store.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if store, err = cache.Open(dir, cache.Options{}); err != nil { // with nothing in memory
		t.Fatal(err)
	}
	defer store.Close()
	for i, tt := range bodies {
		e, err := store.Lookup(refs[i])
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		fs, err := Restore(tt.r.Model, e.Fields)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := Body(tt.r.Model.row(), fs)
		if want := bodyOf(t, &tt.r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: restored (%v)\n got %s\nwant %s", tt.name, err, got, want)
		}
		if fs.Key() != refs[i].Key || fs.Limit() != refs[i].Limit {
			t.Errorf("%s: the restored request has another key", tt.name)
		}
	}
}

// The same weights may be elsewhere today; another model's request is not to be sent.
func TestARestoredRequestGoesTheWayOfTheModelAsItIs(t *testing.T) {
	was := &Model{Name: "m", Provider: "openai", ID: "gpt-oss", Weights: "gpt-oss", Stream: true}
	fs, err := (&Request{Model: was, Messages: user("Hi")}).Fields()
	if err != nil {
		t.Fatal(err)
	}
	now := &Model{Name: "m", Provider: "openrouter", ID: "openai/gpt-oss-20b", Weights: "gpt-oss"}
	restored, err := Restore(now, fs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Body(now.row(), restored)
	if want := bodyOf(t, &Request{Model: now, Messages: user("Hi")}); err != nil || !bytes.Equal(got, want) {
		t.Errorf("restored (%v)\n got %s\nwant %s", err, got, want)
	}
	if restored.Key() != fs.Key() {
		t.Error("shared weights have another key elsewhere")
	}
	if _, err := Restore(model(), fs); err == nil {
		t.Error("a request to other weights was restored for a model that has none")
	}
	if _, err := Restore(now, append(fs, cache.Field{Tag: 99, Value: "?"})); err == nil || !strings.Contains(err.Error(), "tag 99") {
		t.Errorf("a field of the future: %v", err)
	}
}
