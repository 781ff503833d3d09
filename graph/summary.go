package graph

import "encoding/json"

// A summary is what the stat cache keeps of a manifest: the digest of its
// parts, and then the rest of it as JSON. Most targets are current, and their
// parts are at hand, so most manifests are not decoded: of 200 targets over
// 10,000 files that is half of what status costs.

const summaryDigest = 64 // hex digits

// summarize returns "" for what must be read itself: damaged manifests, and
// those of the Python toolkit.
func summarize(text []byte) string {
	m, err := decodeManifest(text)
	if err != nil || m.Format == 0 {
		return ""
	}
	head, err := json.Marshal(m) // without Parts
	digest := Digest(m.Parts)
	if err != nil || len(digest) != summaryDigest {
		return ""
	}
	return digest + string(head)
}

// summary returns the manifest at path without its parts, and their digest; ok
// is false if it has no summary.
func (r *Reader) summary(path string) (m *Manifest, parts string, ok bool) {
	e, err := r.file(path)
	if err != nil || len(e.derived) < summaryDigest {
		return nil, "", false
	}
	m = new(Manifest)
	if err := json.Unmarshal([]byte(e.derived[summaryDigest:]), m); err != nil {
		return nil, "", false
	}
	return m, e.derived[:summaryDigest], true
}

// manifestOver returns the manifest at path. If its parts equal those given,
// they are those given.
func (r *Reader) manifestOver(path string, parts []Part) (*Manifest, error) {
	if m, digest, ok := r.summary(path); ok && digest == Digest(parts) {
		m.Parts = parts
		return m, nil
	}
	return r.manifest(path)
}

// manifestHead returns the manifest at path, perhaps without its parts.
func (r *Reader) manifestHead(path string) (*Manifest, error) {
	if m, _, ok := r.summary(path); ok {
		return m, nil
	}
	return r.manifest(path)
}

func (r *Reader) manifest(path string) (*Manifest, error) {
	data, err := r.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decodeManifest(data)
}
