// Package patterns holds the pipelines that docs/writing-pipelines.md shows, one
// file for each pattern. They are built by the test of this package, on the
// simulated model, in the project in testdata.
package patterns

import "github.com/identity-shaping/isf"

// A Seed is a line of seeds.jsonl.
type Seed struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Topic string `json:"topic"`
}

// All returns the pipelines of all patterns.
func All() []isf.Pipeline {
	return []isf.Pipeline{
		isf.Dataset("sequence", &Sequence{}),
		isf.Dataset("parallel", &Parallel{}),
		isf.Dataset("draws", &Draws{N: 3}),
		isf.Dataset("retry", &Retry{}),
		isf.Table("questions", &Questions{}),
		isf.Dataset("chained", &Chained{}),
		isf.Dataset("self-chat", &SelfChat{Turns: 3}),
		isf.Dataset("evolved", &Evolved{Rounds: 2}),
		isf.Dataset("judged", &Judged{Least: 3}),
		isf.Dataset("balanced", &Balanced{PerTopic: 2}),
		isf.Dataset("joined", &Joined{}),
		isf.Dataset("knowledge", &Knowledge{}),
	}
}
