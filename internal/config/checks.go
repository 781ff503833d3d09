package config

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"
)

// Checks are the thresholds of `isf check`. Shares are fractions of the samples.
type Checks struct {
	Off      []string // names of checks that are not made
	Names    []string // what the identity is called; none: not known
	MayClaim []string // models and makers that the identity may name as its own
	Thinking string   // "require", "allow" or "strip"; "": as most samples have it

	MinSamples     int // in all
	MinIdentity    int // about the identity itself
	MinBehaviour   int // about anything else
	MinReviewed    int // rows that people have judged
	MaxFacts       int // different facts that a set teaches
	TrainingLength int // tokens of a sample that training reads

	Garbage       float64 // empty, broken, cut off, out of order: above it the data is bad
	Refused       float64
	Duplicates    float64
	Opening       float64 // answers that begin alike
	Phrase        float64 // answers that hold the same phrase
	Dominant      float64 // samples with the same score, source or kind of prompt
	MinDistinct   float64 // word pairs that are new in 2,000 words
	NearDuplicate float64 // similarity from which two texts count as nearly the same
	Name          float64 // answers to "who are you?" that may lack the name
	Judge         float64 // judged rows that may break a criterion of the rubric
}

// DefaultChecks are the thresholds where nothing else is said. The volumes are
// what trained identities needed; the shares were set on 300 real answers and
// on planted defects, so that what a reader would mind is found.
func DefaultChecks() Checks {
	return Checks{
		MinSamples: 1000, MinIdentity: 100, MinBehaviour: 800, MinReviewed: 20,
		MaxFacts: 200, TrainingLength: 8192,
		Garbage: 0.01, Refused: 0.05, Duplicates: 0.05, Opening: 0.10, Phrase: 0.10,
		Dominant: 0.90, MinDistinct: 0.60, NearDuplicate: 0.80, Name: 0.05, Judge: 0.05,
	}
}

// ChecksOf are the thresholds for a target, named as in isf.yaml: in full, or by
// its pipeline.
func (c *Config) ChecksOf(names ...string) Checks {
	for _, name := range names {
		if t, ok := c.TargetChecks[name]; ok {
			return t
		}
	}
	return c.Checks
}

func (c *Checks) fields() []Field {
	return []Field{
		{"off", texts(&c.Off)},
		{"names", texts(&c.Names)},
		{"may_claim", texts(&c.MayClaim)},
		{"thinking", OneOf(&c.Thinking, "require", "allow", "strip")},
		{"min_samples", integer(&c.MinSamples, 0)},
		{"min_identity", integer(&c.MinIdentity, 0)},
		{"min_behaviour", integer(&c.MinBehaviour, 0)},
		{"min_reviewed", integer(&c.MinReviewed, 0)},
		{"max_facts", integer(&c.MaxFacts, 1)},
		{"training_length", integer(&c.TrainingLength, 1)},
		{"garbage", share(&c.Garbage)},
		{"refused", share(&c.Refused)},
		{"duplicates", share(&c.Duplicates)},
		{"opening", share(&c.Opening)},
		{"phrase", share(&c.Phrase)},
		{"dominant", share(&c.Dominant)},
		{"min_distinct", share(&c.MinDistinct)},
		{"near_duplicate", share(&c.NearDuplicate)},
		{"name", share(&c.Name)},
		{"judge", share(&c.Judge)},
	}
}

// readChecks reads the thresholds for all targets, and then those of single
// targets, which begin as those for all.
func (c *Config) readChecks(d *Decoder, n *yaml.Node, path string) {
	var targets *yaml.Node
	d.Section(n, path, append(c.Checks.fields(), Field{"targets", func(_ *Decoder, n *yaml.Node, _ string) { targets = n }}))
	path = join(path, "targets")
	if targets == nil || !d.Mapping(targets, path) {
		return
	}
	c.TargetChecks = map[string]Checks{}
	for _, p := range d.Pairs(targets, path) {
		if !d.CheckName(p.Key, "a target", p.Key.Value, false) {
			continue
		}
		t := c.Checks
		t.Off = slices.Clone(t.Off) // a target adds to the list
		t.Names, t.MayClaim = slices.Clone(t.Names), slices.Clone(t.MayClaim)
		d.Section(p.Value, join(path, p.Key.Value), t.fields())
		c.TargetChecks[p.Key.Value] = t
	}
}

// share is a fraction of a whole.
func share(to *float64) func(*Decoder, *yaml.Node, string) {
	return func(d *Decoder, n *yaml.Node, path string) {
		f, ok := d.Number(n, path)
		if ok && !(f >= 0 && f <= 1) {
			d.Fault(n, "%s is a share of the samples: a number from 0 to 1, such as 0.05", path)
			return
		}
		if ok {
			*to = f
		}
	}
}
