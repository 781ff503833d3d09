package graph

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
)

// manifestFormat is the format we write. Manifests of the Python toolkit have
// none, which reads as 0.
const manifestFormat = 1

// A Manifest says what a target was made from and what came out. It holds no
// times and no counts of requests: an equal build gives an equal manifest.
type Manifest struct {
	Format   int // 0 if the Python toolkit wrote it
	Kind     Kind
	Pipeline string
	Parts    []Part `json:"-"` // as they were read

	Records int
	Errors  int // records that failed
	Skipped int // records the pipeline left out
	Dropped int // rows left out because their ids repeat
	Partial bool
	Mix     *Mix   // of a recipe; nil for all else
	Kept    []Kept // answers from before an edit that somebody let stand

	Output       OutputDigest
	ErrorsOutput string // full digest of the errors file, "" if there is none
}

// A Kept says that records hold answers from before an edit of an input, by
// somebody's decision.
type Kept struct {
	Input   string `json:"input"`
	Reason  string `json:"reason"`
	Records int    `json:"records"`
}

// An OutputDigest names what a build wrote.
type OutputDigest struct {
	Digest  string // of the file's bytes, 64 hex digits
	Content string // of what users of the target depend on: its rows without provenance
}

// A damagedError says that a manifest is there but cannot be believed. Its
// target counts as never made; what a newer isf wrote is not to be replaced.
type damagedError struct {
	why   string
	newer int // the format, if it is one that a later version writes; else 0
}

func (e *damagedError) Error() string { return e.why }

func damaged(format string, args ...any) error {
	return &damagedError{why: fmt.Sprintf(format, args...)}
}

// believable says why the text of a manifest cannot be believed. Members format
// and checksum mean the same in every format, so that a wrong bit is not taken
// for a newer isf.
func believable(text []byte) error {
	if why := unbroken(text); why != "" {
		return damaged("%s", why)
	}
	var head struct{ Format int }
	if err := json.Unmarshal(text, &head); err != nil {
		return damaged("it is not a manifest: %v", err)
	}
	if head.Format > manifestFormat {
		return &damagedError{fmt.Sprintf("it was written by a newer isf (format %d); update isf", head.Format), head.Format}
	}
	return nil
}

const manifestSuffix = ".manifest.json"

// ManifestPath is where the manifest of an output lies: beside it.
func ManifestPath(output string) string {
	return strings.TrimSuffix(output, path.Ext(output)) + manifestSuffix
}

func isManifest(name string) bool { return strings.HasSuffix(name, manifestSuffix) }

// ReadManifest reads a manifest, ours or the Python toolkit's.
func ReadManifest(path string) (*Manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Diff explains how the inputs now differ from those of the manifest; nothing
// is said if they are equal.
//
// The Python toolkit recorded files and models only, and of models only the
// system prompt. Its code is not ours, so what its pipelines made is never
// current; what its recipes made can be.
func (m *Manifest) Diff(now []Part) []Reason {
	if m.Format > 0 {
		return Diff(m.Parts, now)
	}
	old, known := slices.Clone(m.Parts), []Part{}
	for i := range old {
		old[i].Ref = "" // Python's paths may be absolute, and never decided
	}
	for _, p := range now {
		if p, ok := asPython(p); ok {
			known = append(known, p)
		}
	}
	if m.Mix != nil {
		return Diff(old, known) // what a recipe says needs no code
	}
	return append([]Reason{{Text: codeChanged, Type: TypeCode, Input: TypeCode, Detail: "made by the Python toolkit"}}, Diff(old, known)...)
}

// asPython reduces a part to what the Python toolkit knew of it.
func asPython(p Part) (Part, bool) {
	if p.Problem != "" {
		return p, true
	}
	switch p.family() {
	case TypeFile:
		p.Type, p.Ref, p.Fields = TypeFile, "", nil
	case TypeRecipe, TypeSamples:
		p.Ref, p.Fields = "", nil
	case TypePipeline:
		p.Ref, p.Digest, p.Fields = "", p.Fields[0].Digest, nil
		p.Missing = p.Digest == ""
	case TypeModel:
		p.Ref, p.Fields = "", p.Fields[:1] // the system prompt comes first
		p.Digest = fieldsDigest(p.Fields)
	default:
		return p, false
	}
	return p, true
}
