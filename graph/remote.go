package graph

import (
	"errors"
	"io/fs"
)

// A Remote is data on a server. Its revision names the content: a commit, or
// what a web server calls a version. Nothing here asks the server. So a target
// stays current when the server has something new, until a build is told to
// look, and a build for another reason takes the revision that the manifest
// has.
type Remote struct {
	Attr    string
	Address string

	// Revision returns the revision that the address itself names, or that this
	// process found out; "" if neither.
	Revision func() string

	manifest string // of the target whose input it is; set by New
}

// Part is Missing while nobody has found out the revision.
func (m Remote) Part(r *Reader) (Part, error) {
	p := Part{Type: TypeRemote, Attr: m.Attr, Ref: m.Address, Digest: m.Revision()}
	if p.Digest == "" {
		var err error
		if p.Digest, err = m.recorded(r); err != nil {
			return p, err
		}
	}
	p.Missing = p.Digest == ""
	return p, nil
}

// recorded returns the revision of the same address in the target's manifest.
func (m Remote) recorded(r *Reader) (string, error) {
	if m.manifest == "" {
		return "", nil
	}
	man, err := r.manifest(m.manifest)
	var damaged *damagedError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &damaged):
		return "", nil
	case err != nil:
		return "", err
	}
	for _, p := range man.Parts {
		if p.Type == TypeRemote && p.Attr == m.Attr && p.Ref == m.Address {
			return p.Digest, nil
		}
	}
	return "", nil
}
