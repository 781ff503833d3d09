package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// A manifest carries a checksum over all its other members, because one flipped
// bit could otherwise make a target current that is not: a member "partiam" is
// none that anybody reads. It does not depend on white space between members,
// which belongs to whoever checks files out.
const checksumMember = "checksum"

// sealed adds the checksum to the text of a manifest.
func sealed(text []byte) ([]byte, error) {
	sum, _, err := checksum(text)
	if err != nil {
		return nil, err
	}
	head := bytes.TrimRight(bytes.TrimSuffix(bytes.TrimSpace(text), []byte("}")), "\n")
	return fmt.Appendf(nil, "%s,\n  %q: %q\n}\n", head, checksumMember, sum), nil
}

// unbroken says why a manifest is not as it was written, "" if it is, or if it
// is of before there were checksums.
func unbroken(text []byte) (why string) {
	want, got, err := checksum(text)
	switch {
	case err != nil:
		return "it is not a manifest: " + err.Error()
	case got != "" && got != want:
		return "its checksum is wrong"
	}
	return ""
}

// checksum returns what the checksum of a manifest should be, and what it says
// it is.
func checksum(text []byte) (want, got string, err error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return "", "", err
	}
	if said, ok := all[checksumMember]; ok {
		if err := json.Unmarshal(said, &got); err != nil {
			return "", "", err
		}
		delete(all, checksumMember)
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var value bytes.Buffer
		if err := json.Compact(&value, all[name]); err != nil {
			return "", "", err
		}
		hashStrings(h, name, value.String())
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), got, nil
}
