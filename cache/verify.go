package cache

import "path/filepath"

// A Finding is one thing that Verify found wrong. Such an answer reads as a
// miss: the next build that needs it asks again, and what it stores takes the
// place of what is damaged.
type Finding struct {
	Kind string // one of the constants below
	Name string // key of an answer, digest of a long value, name of a file
	Text string
}

// What may be wrong.
const (
	DamagedAnswer = "damaged answer"
	WrongKey      = "wrong key"
	MissingValue  = "missing value"
	DamagedValue  = "damaged value"
	DamagedFile   = "damaged file"
)

// Verified is what Verify saw.
type Verified struct {
	Entries     int // that are as they should be
	Newer       int // that only a newer isf can read
	Blobs       int // the same
	Orphans     int // long values that no answer needs; compaction removes them
	OrphanBytes int64
	Aside       []string // damaged files whose answers were saved
}

// Verify reads everything, computes every checksum, key and digest again, and
// calls report with what is wrong. It changes nothing, and the store may be
// used meanwhile.
func (s *Store) Verify(report func(Finding)) (Verified, error) {
	v := verifying{report: report, needed: map[Digest][]Ref{}, found: map[Digest]int{}}
	if err := s.eachFrame(frameEntry, v.entry); err != nil {
		return v.Verified, err
	}
	if err := s.eachFrame(frameBlob, v.blob); err != nil {
		return v.Verified, err
	}
	v.compare()
	if s.db.isBroken() {
		report(Finding{DamagedFile, "cache.db", "what can be read of it is saved by the next build"})
	}
	var err error
	v.Aside, err = filepath.Glob(s.db.path + ".damaged-*")
	return v.Verified, err
}

type verifying struct {
	Verified
	report func(Finding)
	needed map[Digest][]Ref // by which answers
	found  map[Digest]int   // whole ones, with their size
}

func (v *verifying) entry(h held) error {
	ref := h.name.ref()
	e, err := h.answer()
	switch {
	case isNewer(err):
		v.Newer++
	case err != nil:
		v.report(Finding{DamagedAnswer, ref.Key.String(), "it cannot be read"})
	case e.ref() != ref:
		v.report(Finding{WrongKey, ref.Key.String(), "what it says was asked has the key " + e.ref().Key.String()})
	default:
		v.Entries++
		for _, d := range e.summary(h.frame).blobs {
			v.needed[d] = append(v.needed[d], ref)
		}
	}
	return nil
}

func (h held) answer() (*stored, error) {
	if h.err != nil {
		return nil, h.err
	}
	return decodeEntry(h.frame.body)
}

func (v *verifying) blob(h held) error {
	d := h.name.digest()
	value, err := h.value()
	if isNewer(err) {
		v.found[d] = h.frame.size() // as far as this isf can tell
		return nil
	}
	if err != nil || DigestOf(value) != d {
		v.report(Finding{DamagedValue, d.String(), "its bytes are not those that were written"})
		return nil
	}
	v.found[d] = h.frame.size()
	return nil
}

func (h held) value() ([]byte, error) {
	if h.err != nil {
		return nil, h.err
	}
	return unpack(h.frame.body)
}

// compare finds long values that are missing, and those that nobody needs.
func (v *verifying) compare() {
	for d, refs := range v.needed {
		if _, ok := v.found[d]; ok {
			continue
		}
		for _, r := range refs {
			v.Entries--
			v.report(Finding{MissingValue, r.Key.String(), "it needs the text " + d.String()})
		}
	}
	for d, size := range v.found {
		if v.needed[d] == nil {
			if v.Newer == 0 { // else they may need it
				v.Orphans++
				v.OrphanBytes += int64(size)
			}
			continue
		}
		v.Blobs++
	}
}

// isBroken says that cache.db is damaged and not ours to repair.
func (d *database) isBroken() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.broken
}
