package jsontext

import (
	"strings"
	"testing"
)

func TestStrictPassesOverNothing(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"a","row":{"x":1}}`:  "",
		` {"id":"a"} `:              "",
		`{"id":"a","step":1}`:       `this isf does not know "step": update isf`,
		`{"id":"a","row":{"y":1}}`:  `this isf does not know "y"`,
		`{"id":"a"} {"id":"b"}`:     "something behind the value",
		`{"id":"a"`:                 "EOF",
		`{"id":5}`:                  "number",
		``:                          "EOF",
		"{\"id\":\"a\"}\nnull junk": "something behind",
	} {
		var v struct {
			ID  string
			Row struct{ X int }
		}
		err := Strict([]byte(text), &v)
		switch {
		case want == "" && (err != nil || v.ID != "a"):
			t.Errorf("%q: %+v, %v", text, v, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
