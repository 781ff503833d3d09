package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/registry"
)

// render makes a target that needs no model: a system prompt or the registry.
func (e *Engine) render(t *graph.Target, status graph.Status) Result {
	text, err := e.rendered(t)
	if err == nil && t.Kind == graph.Registry {
		err = e.registryIsOurs(t)
	}
	if err != nil {
		_ = e.project.noteFailure(t.Name, graph.Digest(status.Parts), err.Error()) // not noted, it is only STALE
		return failed(t, err)
	}
	return e.placeText(t, status, text, 1)
}

// registryIsOurs says that a newer isf has written registry.json. What is no
// registry may be replaced.
func (e *Engine) registryIsOurs(t *graph.Target) error {
	text, err := e.project.Files.ReadFile(t.Output)
	if err == nil && registry.Version(text) > registry.FileVersion {
		return fmt.Errorf("%s was written by a newer isf (version %d); update isf", t.Output, registry.Version(text))
	}
	return nil
}

// placeText puts an output in place that holds no rows, with its manifest.
func (e *Engine) placeText(t *graph.Target, status graph.Status, text []byte, records int) Result {
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	m := &graph.Manifest{Kind: t.Kind, Parts: e.asRead(t, status.Parts), Records: records, Output: graph.OutputDigest{Digest: digest, Content: digest}}
	if err := e.project.notePlacing(t.Name, digest); err != nil {
		return failed(t, stateError(err))
	}
	err := graph.WriteFile(e.project.Files, t.Output, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err == nil {
		err = e.writeManifest(t, m)
	}
	if err != nil {
		return failed(t, err)
	}
	e.project.forgetAttempt(t.Name)
	return Result{Target: t, State: graph.Current, Output: t.Output, Counts: Counts{Rows: records}}
}

func (e *Engine) rendered(t *graph.Target) ([]byte, error) {
	if t.Kind == graph.Registry {
		return e.project.Registry.JSON()
	}
	text, err := e.project.Registry.RenderDev(path.Base(t.Name))
	return []byte(text), err
}
