package cache

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/zeebo/blake3"
)

func tree(t testing.TB, tag Tag, v any) Field {
	t.Helper()
	f, err := Tree(tag, v)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A key that changes makes everybody pay again for everything: these values
// were computed once and may never be updated.
func TestKeysAreGolden(t *testing.T) {
	hello := Fields{String(TagOrigin, "sim/judge-1"), String(TagRole, "user"), String(TagContent, "Hello")}
	golden := []struct {
		name   string
		fields Fields
		key    string
	}{
		{"nothing", nil, "71b17e5720f16f3aee5f0f43e20c3bf9f7774a2428a7970de285b29161e816c0"},
		{"one message", hello, "99b93a97bd0d640806f7252a6dc2973598ce2424bf7be5a159a6b11e42899e03"},
		{"long system prompt", Fields{
			String(TagOrigin, "openrouter/z-ai/glm-4.6"),
			String(TagRole, "system"), String(TagContent, strings.Repeat("You are Keeper. ", 200)),
			String(TagRole, "user"), String(TagContent, "Wer bist du? 🌊"),
			Float(TagTemperature, 0.7),
		}, "0f598f4f96225f353101e23df2b4ba4027f215254137679a2eecd47d6660caa8"},
		{"every kind", append(hello[:3:3],
			tree(t, TagTools, []any{map[string]any{"type": "function", "n": 1, "x": -0.5, "ok": true, "none": nil}}),
			Float(TagTemperature, 0), Int(TagSeed, -7), String(TagStop, "\n\n"), String(TagStop, "END"),
			Bool(TagPrefill, true), Int(TagDraw, 3),
		), "072f2192515d4e30dd94d457eca676ddaae673f1992da8cc5e2fb8d25ccd6665"},
	}
	for _, g := range golden {
		if got := g.fields.Key().String(); got != g.key {
			t.Errorf("%s: key %s, want %s", g.name, got, g.key)
		}
	}
}

// The key as the package documents it, built by hand.
func TestKeyIsTheDocumentedEncoding(t *testing.T) {
	long := strings.Repeat("x", 1025)
	digest := blake3.Sum256([]byte(long))
	want := blake3.Sum256([]byte("isf key 1\n" +
		"\x00\x02\x00\x04user" + // tag, inline, length, bytes
		"\x00\x03\x01\x81\x08" + string(digest[:]) + // tag, digest, length 1025, digest
		"\x00\x1e\x00\x08\x3f\xe0\x00\x00\x00\x00\x00\x00")) // temperature 0.5
	got := Fields{String(TagRole, "user"), String(TagContent, long), Float(TagTemperature, 0.5)}.Key()
	if got != Key(want) {
		t.Errorf("key %s, want %x", got, want)
	}
}

func TestWhatIsNotInTheKey(t *testing.T) {
	base := Fields{String(TagOrigin, "o"), String(TagRole, "user"), String(TagContent, "c"), Float(TagTemperature, 1), String(TagStop, "a"), String(TagStop, "b")}
	same := map[string]Fields{
		"limit":             append(base[:6:6], Int(TagMaxTokens, 100)),
		"transport":         append(base[:6:6], String(TagUser, "me"), Bool(TagStream, true), String(TagWireModel, "m")),
		"order of settings": {base[4], base[3], base[5], base[0], base[1], base[2]},
	}
	for name, fs := range same {
		if fs.Key() != base.Key() {
			t.Errorf("%s changed the key", name)
		}
	}
	negative := 0.0
	if a, b := Float(TagTopP, -negative), Float(TagTopP, 0); a != b {
		t.Errorf("-0 is %q, want it to be 0, %q", a.Value, b.Value)
	}
	other := map[string]Fields{
		"order of stops":    {base[0], base[1], base[2], base[3], base[5], base[4]},
		"a draw":            append(base[:6:6], Int(TagDraw, 1)),
		"a missing message": base[3:],
		"a later text tag":  append(base[:6:6], Field{Tag(79), "v"}),
		"an empty value":    append(base[:6:6], String(TagReasoningEffort, "")),
	}
	for name, fs := range other {
		if fs.Key() == base.Key() {
			t.Errorf("%s did not change the key", name)
		}
	}
}

func TestTreesThatMeanTheSameAreEqual(t *testing.T) {
	type schema struct {
		B int     `json:"b"`
		A float64 `json:"a"`
	}
	want := tree(t, TagExtra, map[string]any{"a": 1, "b": int64(2)})
	for _, v := range []any{
		map[string]any{"b": 2.0, "a": 1.0},
		map[string]int{"b": 2, "a": 1},
		schema{2, 1},
		rawJSON(`{"b": 2, "a": 1.0}`),
		rawJSON(`{"b":2e0,"a":10e-1}`),
	} {
		if got := tree(t, TagExtra, v); got != want {
			t.Errorf("%#v is %x, want %x", v, got.Value, want.Value)
		}
	}
	if got := string(want.JSON()); got != `{"a":1,"b":2}` {
		t.Errorf("JSON is %s", got)
	}
}

func TestTreesThatMeanOtherThingsDiffer(t *testing.T) {
	seen := map[string]any{}
	for _, v := range []any{
		nil, true, false, 0, 1, -1, 0.5, "", "1", "a",
		[]any{},
		[]any{nil},
		[]any{[]any{}},
		map[string]any{},
		map[string]any{"": nil},
		map[string]any{"a": "b"},
		[]any{"a", "b"},
		[]any{"ab"},
		9007199254740992.0, uint64(1 << 63), 1e300,
	} {
		f := tree(t, TagExtra, v)
		if old, ok := seen[f.Value]; ok {
			t.Errorf("%#v and %#v are both %x", old, v, f.Value)
		}
		seen[f.Value] = v
	}
}

func TestNumbersThatDoNotFitAreRefused(t *testing.T) {
	for _, s := range []string{`18446744073709551615`, `[1e999]`, `{"a":-99999999999999999999}`} {
		if f, err := Tree(TagExtra, rawJSON(s)); err == nil {
			t.Errorf("%s became %s, want an error", s, f.JSON())
		}
	}
}

func TestTheExplanationIsEveryByteOfTheKey(t *testing.T) {
	long := strings.Repeat("You are Keeper. ", 100)
	fs := Fields{
		Float(TagTemperature, 0.7), Int(TagMaxTokens, 10), String(TagOrigin, "sim/judge"),
		String(TagRole, "system"), String(TagContent, long), String(TagRole, "user"), String(TagContent, "Hi, what do you do all day?\n\x1b[31m"), tree(t, TagExtra, map[string]any{"k": 1}),
	}
	var b strings.Builder
	fs.Explain(&b)
	var all []byte
	for line := range strings.Lines(b.String()) {
		at, err := strconv.Atoi(strings.TrimSpace(line[:5]))
		if err != nil || at != len(all) {
			t.Errorf("the offset of %q is %d, %v, want %d", line, at, err, len(all))
		}
		bytes, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(line[7:min(7+47, len(line))]), " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, bytes...)
	}
	if got := Key(DigestOf(all)); got != fs.Key() {
		t.Errorf("the bytes have the hash %s, and the key is %s", got, fs.Key())
	}
	for _, want := range []string{
		"    0  69 73 66 20 6b 65 79 20 31 0a                    format \"isf key 1\\n\"\n",
		"origin: tag 1, 9 bytes\n",
		"content: tag 3, digest of 1600 bytes\n",
		"  Hi, what do you\n", "  do all day?..[31\n",
		"  0.7\n", "  {\"k\":1}\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q in\n%s", want, b.String())
		}
	}
}

func TestParseKey(t *testing.T) {
	k := Fields{String(TagOrigin, "o")}.Key()
	if got, err := ParseKey(k.String()); err != nil || got != k {
		t.Errorf("ParseKey(%s) = %s, %v", k, got, err)
	}
	for _, s := range []string{"", "abc", strings.Repeat("g", 64), hex.EncodeToString(make([]byte, 33))} {
		if _, err := ParseKey(s); err == nil {
			t.Errorf("ParseKey(%q) found nothing wrong", s)
		}
	}
}

// The table may grow; no line of it may change.
func TestTagsKeepTheirNumbers(t *testing.T) {
	seen := map[string]Tag{}
	for _, tag := range knownTags() {
		if other, ok := seen[tag.Name()]; ok {
			t.Errorf("tags %d and %d are both named %s", tag, other, tag.Name())
		}
		seen[tag.Name()] = tag
	}
	classes := map[Tag]Class{TagOrigin: Text, TagReroll: Text, TagMaxTokens: Limit, TagWireModel: Transport, 79: Text, 99: Limit, 65535: Transport}
	for tag, want := range classes {
		if got := tag.Class(); got != want {
			t.Errorf("%s is of class %d, want %d", tag.Name(), got, want)
		}
	}
}
