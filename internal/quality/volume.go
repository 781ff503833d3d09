package quality

import (
	"fmt"
	"strings"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/term"
)

// volume compares how many samples there are with what training needs. A
// single pipeline may be small; the set that a model is trained on may not.
type volume struct {
	limits   config.Checks
	whole    bool
	samples  int
	rows     int
	identity int  // guessed from the prompts
	known    *int // the same, from the recipe
}

func newVolume(o *Options) check { return &volume{limits: o.Limits, whole: o.Whole, known: o.Identity} }

func (c *volume) look(s *sample) {
	c.rows++
	if s.table() {
		return
	}
	c.samples++
	if aboutIdentity(s, c.limits.Names) {
		c.identity++
	}
}

func (c *volume) report() (string, []Finding) {
	counted := count(c.rows, "row")
	if c.samples > 0 {
		counted = fmt.Sprintf("%s, %s", count(c.samples, "sample"), c.onIdentity())
	}
	if c.rows == 0 {
		return "", []Finding{{Severity: Bad, Text: "there are no rows", Fix: "build it, and look at its errors with `isf sample --errors`"}}
	}
	if !c.whole || c.samples == 0 {
		return counted, nil
	}
	if c.known != nil {
		c.identity = *c.known
	}
	var short []string
	for _, v := range []struct {
		n, least int
		what     string
	}{
		{c.samples, c.limits.MinSamples, "samples in all"},
		{c.identity, c.limits.MinIdentity, "on the identity itself"},
		{c.samples - c.identity, c.limits.MinBehaviour, "on anything else"},
	} {
		if v.n < v.least {
			short = append(short, fmt.Sprintf("%s %s, where %s are advised", term.Count(int64(v.n)), v.what, term.Count(int64(v.least))))
		}
	}
	if len(short) == 0 {
		return counted, nil
	}
	return counted, []Finding{{
		Severity: Look, Count: c.samples, Of: c.samples, Text: strings.Join(short, "; "),
		Fix: "add records to the pipelines that are short; 100 to 200 samples on the identity and 800 or more on other things have worked",
	}}
}

func (c *volume) onIdentity() string {
	if c.known != nil {
		return term.Count(int64(*c.known)) + " on the identity itself"
	}
	return "about " + term.Count(int64(c.identity)) + " on the identity itself, by their prompts"
}
