package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// A RecipeFile is the file that says what a recipe mixes.
type RecipeFile struct {
	Path string
	Err  error // why it cannot be used, nil if it can
}

// SampleFile is a file of samples that a recipe names.
type SampleFile struct {
	Attr string // as the recipe writes it
	Path string // relative to the root
}

const (
	recipeAttr    = "recipe"
	recipeChanged = "Recipe changed"

	// bytesField holds the digest of a pipeline's output as it lies on disk,
	// which is what the Python toolkit compares. We compare its samples.
	bytesField = "bytes"
)

// Part is the file's bytes: the Python toolkit's recipe_hash.
func (f RecipeFile) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeRecipe, Attr: recipeAttr, Ref: f.Path}
	if f.Err != nil {
		p.Problem = f.Err.Error()
		return p, nil
	}
	e, err := r.file(f.Path)
	p.Digest = e.short()
	return settle(p, err)
}

// Part is the file's bytes.
func (f SampleFile) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeSamples, Attr: f.Attr, Ref: path.Clean(f.Path)}
	e, err := r.file(p.Ref)
	p.Digest = e.short()
	return settle(p, err)
}

func (s Source) noun() string {
	if s.Mixed {
		return "Pipeline"
	}
	return "Target"
}

func (s Source) kind() string {
	if s.Mixed {
		return TypePipeline
	}
	return TypeTarget
}

func pipelineChanged(name string) string { return fmt.Sprintf("Pipeline '%s' output changed", name) }

// ofRecipe reports whether a part is one that only recipes have.
func (p *Part) ofRecipe() bool {
	return p.Type == TypeRecipe || p.Type == TypePipeline || p.Type == TypeSamples
}

// recipeCame words a part of a recipe that came or went.
func recipeCame(p *Part, came bool) string {
	what := "Removed"
	if came {
		what = "New"
	}
	switch p.Type {
	case TypePipeline:
		return fmt.Sprintf("%s pipeline: %s", what, p.Attr)
	case TypeSamples:
		return fmt.Sprintf("%s file: %s", what, p.Attr)
	}
	return recipeChanged
}

// A Mix is what the manifest of a recipe says beyond what all manifests say.
type Mix struct {
	Recipe     string // the name of its file
	Mode       string
	Weights    map[string]json.RawMessage // numbers; nil if there are none
	Seed       *int64
	Settings   json.RawMessage // an object; nil in manifests of the Python toolkit
	Categories map[string]MixCategory

	// The samples held out for validation, and the full digest of their file;
	// "" if the recipe holds out none.
	Train, Validation int
	HeldOut           string
}

// A MixCategory is what a category gave.
type MixCategory struct {
	Used, Available  int
	Pipelines, Files map[string]MixSource
}

// A MixSource is what a pipeline or a file gave.
type MixSource struct {
	Count   int // samples that could be used
	Stale   bool
	Dropped map[string]int // rows left out, by reason
}

// ValidationPath is where samples that a recipe holds out lie: beside its
// output.
func ValidationPath(output string) string {
	ext := path.Ext(output)
	return strings.TrimSuffix(output, ext) + ".validation" + ext
}

// The two ways in which the held-out samples are not what was written.
const (
	heldOutGone   = "gone"
	heldOutEdited = "edited"
)

// heldOut says what is wrong with the held-out samples, "" if nothing is.
func (s *Survey) heldOut(st *Status) (string, error) {
	if st.Manifest == nil || st.Manifest.Mix == nil || st.Manifest.Mix.HeldOut == "" {
		return "", nil
	}
	digest, err := s.reader.FullDigest(ValidationPath(st.Target.Output))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return heldOutGone, nil
	case err != nil:
		return "", err
	case digest != st.Manifest.Mix.HeldOut:
		return heldOutEdited, nil
	}
	return "", nil
}

func (s *Survey) decideHeldOut(st *Status, how string) {
	at := ValidationPath(st.Target.Output)
	cut := len(s.look.Placing(st.Target.Name)) > 0
	switch {
	case how == heldOutGone:
		st.State, st.Reasons = Missing, append([]Reason{{Text: "Output file missing", Detail: at}}, problems(st.Parts)...)
	case cut:
		st.State, st.Reasons = Stale, []Reason{{Text: "Build was cut off before its manifest was written", Detail: at}}
	default:
		st.State, st.Reasons = Edited, []Reason{{Text: "Output file changed by hand", Detail: at}}
	}
}
