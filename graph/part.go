package graph

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// The types of Parts. File, dir and glob are one family: what matters is which
// bytes are read, so a manifest that calls a folder a file still compares.
const (
	TypeFile   = "file"
	TypeDir    = "dir"
	TypeGlob   = "glob"
	TypePrompt = "prompt"
	TypeModel  = "model"
	TypeParam  = "param"
	TypeCode   = "code"
	TypeTarget = "target"
	TypeRemote = "remote"

	// What recipes are made from; compat has words of its own for them.
	TypeRecipe   = "recipe"
	TypePipeline = "pipeline"
	TypeSamples  = "samples"
)

// A Part describes one input at one moment. The digest of a target's inputs is
// a hash over its Parts, a manifest stores them, and Diff words what differs
// between two lists of them.
type Part struct {
	Type string // one of the Type constants
	Attr string // the name by which the pipeline knows the input; unique per target and family
	Ref  string // what it refers to: a path, a pattern, a registry name, a target, the JSON of a parameter

	// Digest names the content: equal digests, equal content. "" if Missing.
	Digest  string
	Missing bool

	// Problem is a sentence if the input cannot be used as it is now: a model
	// that is not in the registry, code that does not parse. Such a part equals
	// no other, and is never in a manifest.
	Problem string

	// Fields are finer pieces of what Digest covers, for `why` alone.
	Fields []PartField
}

// A PartField is a piece of a Part: a section of a Markdown file, a field of a
// model, a declaration of code, a file of a folder.
type PartField struct {
	Name   string
	Digest string // "" if the piece is missing or empty
	Value  string // JSON, where the piece is short enough to be shown; else ""
}

// Parts describes the inputs of a target as they are now. It is what a build
// puts into the manifest; Digest of it is what a failed attempt is known by.
func Parts(t *Target, r *Reader) ([]Part, error) {
	parts := make([]Part, len(t.Inputs))
	seen := make(map[partKey]bool)
	for i, in := range t.Inputs {
		p, err := in.Part(r)
		if err != nil {
			return nil, fmt.Errorf("input %q of %s: %w", p.Attr, t.Name, err)
		}
		if k := (partKey{p.space(), p.Attr}); seen[k] {
			return nil, fmt.Errorf("%s has two inputs named %q", t.Name, p.Attr)
		} else {
			seen[k] = true
		}
		parts[i] = p
	}
	return parts, nil
}

// space is where a manifest keeps the part, by its attribute.
func (p *Part) space() string {
	switch p.Type {
	case TypeCode, TypeParam, TypeRecipe, TypePipeline, TypeSamples:
		return p.Type
	}
	return "dep"
}

// family is what Parts are matched by, together with Attr.
func (p *Part) family() string {
	switch p.Type {
	case TypeDir, TypeGlob:
		return TypeFile
	}
	return p.Type
}

// same reports whether p and q describe equal inputs. It looks at exactly what
// Digest hashes.
func (p *Part) same(q *Part) bool {
	return p.Problem == "" && q.Problem == "" &&
		p.family() == q.family() && p.Attr == q.Attr && p.Ref == q.Ref &&
		p.Missing == q.Missing && p.Digest == q.Digest
}

// Digest names a list of Parts; their order does not matter. It is "" when a
// part has a problem, since what cannot be read equals nothing.
func Digest(parts []Part) string {
	sorted := make([]*Part, len(parts))
	for i := range parts {
		if parts[i].Problem != "" {
			return ""
		}
		sorted[i] = &parts[i]
	}
	slices.SortFunc(sorted, func(a, b *Part) int {
		return cmp.Or(cmp.Compare(a.family(), b.family()), cmp.Compare(a.Attr, b.Attr))
	})
	h := sha256.New()
	hashStrings(h, "isf parts 1")
	for _, p := range sorted {
		missing := "present"
		if p.Missing {
			missing = "missing"
		}
		hashStrings(h, p.family(), p.Attr, p.Ref, missing, p.Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fieldsDigest names a set of fields; their order does not matter.
func fieldsDigest(fields []PartField) string {
	sorted := slices.SortedFunc(slices.Values(fields), func(a, b PartField) int { return cmp.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, f := range sorted {
		hashStrings(h, f.Name, f.Digest)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// hashStrings writes each string with its length before it, so that no two
// lists write the same bytes.
func hashStrings(h hash.Hash, ss ...string) {
	var n [8]byte
	for _, s := range ss {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
}

// ShortDigest is the digest that manifests show: 16 hex digits of SHA-256.
func ShortDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
