package quality

import "maps"

// A frequent counts texts of which there are too many to keep, by lossy counting
// (Manku and Motwani, 2002): after every 200 samples, texts that came no more
// often than there were such rounds are forgotten. So what is in more than 1 in
// 200 samples is always known, its count is short by no more than that, and
// memory does not grow with the rows.
type frequent struct {
	samples int
	rounds  int
	texts   map[string]*seen
}

// A seen is one text: in how many samples it came since it is known, and how
// many rounds it may have been missed in before.
type seen struct {
	n, missed int
	examples  []Example
}

const roundSize = 200

// fewestAlike is how many make a pattern. Examples are kept from there on, so
// that what comes once costs nothing.
const fewestAlike = 5

func newFrequent() *frequent { return &frequent{texts: map[string]*seen{}} }

// add counts a text of the sample at hand.
func (c *frequent) add(text string, example func() Example) {
	t := c.texts[text]
	if t == nil {
		t = &seen{missed: c.rounds}
		c.texts[text] = t
	}
	if t.n++; t.n > fewestAlike-mostExamples && len(t.examples) < mostExamples {
		t.examples = append(t.examples, example())
	}
}

// next ends a sample.
func (c *frequent) next() {
	if c.samples++; c.samples%roundSize > 0 {
		return
	}
	c.rounds++
	maps.DeleteFunc(c.texts, func(_ string, t *seen) bool { return t.n+t.missed <= c.rounds })
}

// above reports whether a text is in more than a share of the samples.
func (c *frequent) above(t *seen, share float64) bool {
	return t.n >= fewestAlike && float64(t.n) > share*float64(c.samples)
}
