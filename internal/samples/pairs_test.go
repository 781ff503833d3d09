package samples

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextsOfTwoRowsStandSideBySide(t *testing.T) {
	for _, c := range []struct {
		name, was, now string
		want           []Pair
	}{
		{
			"messages by their place",
			`{"id":"a","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}`,
			`{"id":"a","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hey"}]}`,
			[]Pair{{"user 1", "Hi", "Hi"}, {"assistant 2", "Ho", "Hey"}},
		},
		{
			"fields by their name, whatever came between them",
			`{"id":"a","fact":"old","year":1974}`, `{"id":"a","about":"x","fact":"new"}`,
			[]Pair{{"about", "", "x"}, {"fact", "old", "new"}, {"year", "1974", ""}},
		},
		{"a row that is new", "", `{"id":"a","fact":"new"}`, []Pair{{"fact", "", "new"}}},
	} {
		if d := cmp.Diff(c.want, Beside([]byte(c.was), []byte(c.now))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
