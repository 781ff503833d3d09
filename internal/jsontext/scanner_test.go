package jsontext

import (
	"encoding/json"
	"testing"
)

// seeds are texts that JSON readers disagree about.
var seeds = []string{
	``, `null`, ` true `, `tru`, `-0.5e+3`, `01`, `1.`, `-`, `.5`, `1e`, `"a"`, `"a`, `"\\"`, `"\x"`, `"\u12"`, `"\ud83c\udfee"`, `"\ud83c"`, `"\udfee\ud83c x"`,
	"\"\x01\"", "\"\xff\"", `[]`, `[1,]`, `[1 2]`, `{}`, `{"a"}`, `{"a":1,}`, `{"a":[{"b":"\n"}],"a":null} `, `{1:2}`, `"a" "b"`, "\ufeff1", `[[[[`,
}

func FuzzScanner(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := NewScanner(s)
		got := p.Text()
		if ok, want := p.End(), json.Valid([]byte(s)); ok != want {
			t.Fatalf("%q is fine: %v, encoding/json says %v", s, ok, want)
		}
		var want string
		if json.Unmarshal([]byte(s), &want) == nil && got != want {
			t.Errorf("%q reads %q, encoding/json says %q", s, got, want)
		}
	})
}
