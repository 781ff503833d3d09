package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"

	"github.com/identity-shaping/isf/graph"
)

// render makes a target that needs no model: a system prompt or the registry.
func (e *Engine) render(t *graph.Target, status graph.Status) Result {
	text, err := e.rendered(t)
	if err != nil {
		return failed(t, err)
	}
	return e.placeText(t, status, text, 1)
}

// placeText puts an output in place that holds no rows, with its manifest.
func (e *Engine) placeText(t *graph.Target, status graph.Status, text []byte, records int) Result {
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	m := &graph.Manifest{Kind: t.Kind, Parts: e.asRead(t, status.Parts), Records: records, Output: graph.OutputDigest{Digest: digest, Content: digest}}
	if err := e.project.keepAttempt(t.Name, attempt{Placing: digest}); err != nil {
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
