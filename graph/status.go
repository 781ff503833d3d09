package graph

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

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

// LastBuildFailed is the text of the reason that a target failed.
const LastBuildFailed = "Last build failed"

// A Status is what is known of a target at one moment.
type Status struct {
	Target  *Target
	State   State
	Reasons []Reason // why it is not CURRENT; none if it is RUNNING

	// What came out when it was last made; zero if there is no manifest.
	Records, Errors, Skipped int

	Manifest *Manifest // nil if there is none that can be believed
	Newer    int       // the format of a manifest that only a later version can read, else 0: nothing may replace it
	Parts    []Part    // the inputs as they are now; see Parts of Survey
}

// A Lookout tells what no manifest does.
type Lookout interface {
	// Running reports whether a build holds the target's lock.
	Running(target string) bool
	// LastFailure returns the digest of the inputs of the last attempt, and
	// why it failed; ok is false if it did not fail or there was none.
	LastFailure(target string) (digest, reason string, ok bool)
	// Placing returns the full digests of outputs that builds were about to put
	// in place when they were last seen. A kill between output and manifest
	// leaves such an output: nobody edited it.
	Placing(target string) []string
}

// decide is the one place that sets a state; its cases are in the order of the
// states.
func (s *Survey) decide(st *Status, unread error) error {
	none, err := noManifest(st, unread)
	if err != nil {
		return err
	}
	output, err := s.digest(st.Target.Output)
	if err != nil {
		return err
	}
	heldOut, err := s.heldOut(st)
	if err != nil {
		return err
	}
	switch m := st.Manifest; {
	case s.look.Running(st.Target.Name):
		st.State = Running
	case m == nil:
		st.State, st.Reasons = Missing, append([]Reason{none}, problems(st.Parts)...)
		if reason, failed := s.failed(st); failed {
			st.Reasons = append(st.Reasons, Reason{Text: LastBuildFailed, Detail: reason})
		}
	case output == "":
		st.State, st.Reasons = Missing, append([]Reason{{Text: "Output file missing", Detail: st.Target.Output}}, problems(st.Parts)...)
	case heldOut != "":
		s.decideHeldOut(st, heldOut)
	case m.Output.Digest != "" && m.Output.Digest != output && s.placed(st.Target, output):
		st.State, st.Reasons = Stale, []Reason{{Text: "Build was cut off before its manifest was written", Detail: st.Target.Output}}
	case m.Output.Digest != "" && m.Output.Digest != output:
		st.State, st.Reasons = Edited, []Reason{{Text: "Output file changed by hand", Detail: st.Target.Output}}
	default:
		s.compare(st)
	}
	return nil
}

// placed reports whether the output is one that a build put there and did not
// live to describe.
func (s *Survey) placed(t *Target, output string) bool {
	return slices.Contains(s.look.Placing(t.Name), output)
}

// digest is the full digest of a file, "" if there is none.
func (s *Survey) digest(path string) (string, error) {
	digest, err := s.reader.FullDigest(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return digest, err
}

// compare decides between the states that depend on inputs.
func (s *Survey) compare(st *Status) {
	changed := s.reasons(st)
	if st.Manifest.Partial {
		st.Reasons = append(st.Reasons, partial(st))
	}
	st.Reasons = append(st.Reasons, changed...)
	reason, failed := s.failed(st)
	switch {
	case len(changed) == 0 && st.Manifest.Partial:
		st.State = Partial
	case len(changed) == 0:
		st.State = Current
	case failed && s.sourcesCurrent(st.Target):
		st.State = Failed
		st.Reasons = append([]Reason{{Text: LastBuildFailed, Detail: reason}}, st.Reasons...)
	default:
		st.State = Stale
	}
}

// failed reports whether the last attempt failed with just these inputs.
func (s *Survey) failed(st *Status) (reason string, failed bool) {
	digest, reason, failed := s.look.LastFailure(st.Target.Name)
	return reason, failed && digest != "" && digest == Digest(st.Parts)
}

// noManifest is the reason of a target whose manifest was not read, because of
// err, and notes whether a newer isf wrote it. Errors that tell nothing about the target are returned.
func noManifest(st *Status, err error) (Reason, error) {
	t := st.Target
	var damaged *damagedError
	switch {
	case err == nil:
		return Reason{}, nil
	case errors.As(err, &damaged) && damaged.newer > 0:
		st.Newer = damaged.newer
		return Reason{Text: "Manifest was written by a newer isf", Detail: fmt.Sprintf("%s has format %d; update isf", ManifestPath(t.Output), damaged.newer)}, nil
	case errors.As(err, &damaged):
		return Reason{Text: "Manifest is damaged", Detail: ManifestPath(t.Output) + ": " + damaged.why}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return Reason{}, err
	case t.Kind == Recipe:
		return Reason{Text: "No manifest (never prepared)"}, nil
	}
	return Reason{Text: "No manifest (never run)"}, nil
}

func partial(st *Status) Reason {
	if st.Target.Kind == Recipe {
		return Reason{Text: fmt.Sprintf("Partial recipe (%d samples, build its sources in full)", st.Records)}
	}
	return Reason{Text: fmt.Sprintf("Partial run (%d samples, run without --limit for full data)", st.Records)}
}

// problems are the reasons why a target could not be made now.
func problems(parts []Part) []Reason {
	var reasons []Reason
	for i := range parts {
		if parts[i].Problem != "" {
			reasons = append(reasons, explain(nil, &parts[i])...)
		}
	}
	return reasons
}

// predicate is a state as a sentence says it of its target.
func predicate(s State) string {
	if s == Failed {
		return "failed" // its last build did; "is failed" is no English
	}
	return "is " + strings.ToLower(string(s))
}
