package cli

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/scaffold"
)

func TestInitAsksWhatNoFlagSays(t *testing.T) {
	for what, c := range map[string]struct {
		given, typed   string
		name, provider string
	}{
		"both":          {"", "Ada\nopenai\n", "Ada", "openai"},
		"the defaults":  {"", "\n\n", "My Keeper", "sim"},
		"one":           {"name", "openai\n", "Said", "openai"},
		"until it fits": {"name", "opnai\nopenai\n", "Said", "openai"},
	} {
		o := scaffold.Options{Name: "Said"}
		var out strings.Builder
		err := askMissing(typed(c.typed), &out, func(flag string) bool { return flag == c.given }, "my-keeper", &o)
		if err != nil || o.Name != c.name || o.Provider != c.provider {
			t.Errorf("%s: got %+v (%v) after\n%s", what, o, err, out.String())
		}
	}
	if err := askMissing(typed(""), &strings.Builder{}, func(string) bool { return false }, "x", &scaffold.Options{}); err == nil {
		t.Error("an end of input is taken for an answer")
	}
}

// typed is a keyboard at which somebody has typed all this.
func typed(text string) *keyboard {
	return &keyboard{in: bufio.NewReader(strings.NewReader(text)), raw: func() (func(), error) { return func() {}, nil }, echo: io.Discard}
}
