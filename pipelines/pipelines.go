// Package pipelines makes the example's training data. Each pipeline is one
// file, short enough to be read as the documentation for writing one.
//
// A pipeline is a struct. Its fields say what it depends on, so that isf knows
// what an edit makes stale without running anything; the tag gives a field its
// value, and the literal in All may give another. Fields of other types are
// parameters, which isf.yaml and --set may change. Build describes the work: it
// returns rows, and isf makes them in parallel, in order, and from answers it
// already has.
package pipelines

import (
	"errors"
	"strings"

	"github.com/identity-shaping/isf"
)

// All returns the pipelines of this project.
func All() []isf.Pipeline {
	return []isf.Pipeline{
		isf.Table("facts", &Facts{}, isf.Stable("fact")),
		isf.Dataset("identity-augmentation", &IdentityAugmentation{Angles: []string{
			"The writer is curious and asks outright.",
			"The writer has it slightly wrong and wants to know.",
		}}),
		isf.Dataset("identity-assertions", &IdentityAssertions{}),
		isf.Dataset("behaviour", &Behaviour{}),
		isf.Dataset("style-pushback", &StylePushback{}),
	}
}

// isSaid asks again for an answer without words. One that was cut off is asked for
// again as well: a small model goes round in circles now and then.
func isSaid(r *isf.Response) error {
	if strings.TrimSpace(r.Answer()) == "" {
		return errors.New("the answer is empty")
	}
	return nil
}
