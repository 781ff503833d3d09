package cli

import (
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
		err := askMissing(strings.NewReader(c.typed), &out, func(flag string) bool { return flag == c.given }, "my-keeper", &o)
		if err != nil || o.Name != c.name || o.Provider != c.provider {
			t.Errorf("%s: got %+v (%v) after\n%s", what, o, err, out.String())
		}
	}
	if err := askMissing(strings.NewReader(""), &strings.Builder{}, func(string) bool { return false }, "x", &scaffold.Options{}); err == nil {
		t.Error("an end of input is taken for an answer")
	}
}
