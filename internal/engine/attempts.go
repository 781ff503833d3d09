package engine

import (
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/identity-shaping/isf/graph"
)

// An attempt is the last thing that happened to a target and is not in its
// manifest: a failure, or an output about to be put in place.
type attempt struct {
	Inputs  string   `json:"inputs"` // digest of the inputs' parts
	Failed  string   `json:"failed,omitempty"`
	Placing []string `json:"placing,omitempty"` // digests of outputs whose manifests were not written
}

func attemptPath(target string) string {
	return path.Join(StateDir, "attempts", flatten(target)+".json")
}

func (p *Project) attempt(target string) (a attempt) {
	text, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(attemptPath(target))))
	if err == nil {
		_ = json.Unmarshal(text, &a) // a torn file is an attempt nobody remembers
	}
	return a
}

func (p *Project) keepAttempt(target string, a attempt) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	name := attemptPath(target)
	if err := p.Files.MkdirAll(path.Dir(name), 0o700); err != nil {
		return stateError(err)
	}
	err = graph.WriteFile(p.Files, name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return stateError(err)
	}
	return nil
}

// forgetAttempt removes what an attempt left, once a manifest says more.
func (p *Project) forgetAttempt(target string) { _ = p.Files.Remove(attemptPath(target)) }

// LastFailure returns what the last failed attempt was made from, and why it
// failed.
func (p *Project) LastFailure(target string) (digest, reason string, ok bool) {
	a := p.attempt(target)
	return a.Inputs, a.Failed, a.Failed != ""
}

// Placing returns the digests of outputs that were about to be put in place when
// their builds were killed. They were not changed by hand.
func (p *Project) Placing(target string) []string { return p.attempt(target).Placing }

// notePlacing notes that an output is about to be put in place. What builds that
// were killed have put there before may still be what is there.
func (p *Project) notePlacing(target, digest string) error {
	return p.keepAttempt(target, attempt{Placing: append(p.Placing(target), digest)})
}

// noteFailure notes why a target could not be made from these inputs.
func (p *Project) noteFailure(target, inputs, why string) error {
	return p.keepAttempt(target, attempt{Inputs: inputs, Failed: why, Placing: p.Placing(target)})
}
