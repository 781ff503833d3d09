package graph

// A State says whether a target is what its inputs make it. The first that
// holds, in this order, is a target's state.
type State string

const (
	Running State = "RUNNING" // a build holds the target's lock
	Missing State = "MISSING" // no manifest that can be believed, or no output
	Edited  State = "EDITED"  // the output is not what the manifest says was written
	Current State = "CURRENT" // the inputs equal the manifest's
	Partial State = "PARTIAL" // as CURRENT, but made from some of the records only
	Failed  State = "FAILED"  // the inputs equal those of the last attempt, which failed
	Stale   State = "STALE"   // anything else
)

// A Status is what is known of a target at one moment.
type Status struct {
	Target  *Target
	State   State
	Reasons []Reason // why it is not CURRENT; none if it is RUNNING

	// What came out when it was last made; zero if there is no manifest.
	Records, Errors, Skipped int

	Manifest *Manifest // nil if there is none that can be believed
	Parts    []Part    // the inputs as they are now; see Parts of Survey
}

// A Lookout tells what no manifest does.
type Lookout interface {
	// Running reports whether a build holds the target's lock.
	Running(target string) bool
	// LastFailure returns the digest of the inputs of the last attempt, and
	// why it failed; ok is false if it did not fail or there was none.
	LastFailure(target string) (digest, reason string, ok bool)
}
