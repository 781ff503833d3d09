// Package graph knows what a project's targets are made from, and which of
// them are current.
//
// A Target is a named thing a build makes; an Input is something it is made
// from: files, a model, a parameter, code, or another target. A Part describes
// an input at one moment. A Manifest lies beside each output and holds the
// Parts it was made from; it alone decides what is current, so a fresh clone
// whose bytes match is current.
//
// What always holds: the digest of a target's inputs is a hash over its Parts,
// and Diff explains with the same Parts, so an explanation can never disagree
// with the state. A file is believed unread only while the file system says it
// is the file that was hashed. Nothing here writes, except WriteFile, Sweep and
// Reader.Save; and losing what Save wrote costs time only.
//
// The package knows no network, no store of answers and no configuration.
package graph

// A Kind says what sort of thing a target is.
type Kind string

const (
	Prompt   Kind = "prompt"   // a rendered system prompt
	Registry Kind = "registry" // the list of models
	Dataset  Kind = "dataset"  // samples to train on
	Table    Kind = "table"    // rows for other pipelines
	Recipe   Kind = "recipe"   // a mix of datasets, prepared for training
)

// A Target is a named thing a build makes. It does not change after New.
type Target struct {
	Name     string // training/data/facts
	Kind     Kind
	Output   string // path relative to the root, with slashes
	Pipeline string // bare name, "" if no pipeline makes it
	Inputs   []Input
	Errors   string // path of the errors file, "" if none
}

// An Input is something a target is made from.
type Input interface {
	// Part describes the input as it is now. An error means that nothing can
	// be said (an unreadable file, a path outside the root); what is merely
	// missing or broken is a Part that says so.
	Part(r *Reader) (Part, error)
}

// A Graph is a checked set of targets: names are legal and unique, every
// source exists, and nothing needs itself. It may be used by many goroutines.
type Graph struct {
	root    string
	targets []*Target
	byName  map[string]*Target
	needs   map[*Target][]*Target
	users   map[*Target][]*Target
}
