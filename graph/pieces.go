package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A pieceList is fields with digests, in a manifest an object from name to
// digest. A manifest may hold thousands of them, all of which status reads, so
// they are read without a map: it makes status of 10,000 files a third faster.
type pieceList []PartField

// MarshalJSON writes the names sorted; of equal names the last counts.
func (l pieceList) MarshalJSON() ([]byte, error) {
	m := make(map[string]string, len(l))
	for _, f := range l {
		m[f.Name] = f.Digest
	}
	return plainJSON(m)
}

// UnmarshalJSON reads an object of strings. The fields are sorted by name.
func (l *pieceList) UnmarshalJSON(data []byte) error {
	if fields, ok := plainPieces(data); ok {
		*l = fields
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	*l = nil
	for _, name := range slices.Sorted(maps.Keys(m)) {
		*l = append(*l, PartField{Name: name, Digest: m[name]})
	}
	return nil
}

// plainPieces reads valid JSON that is an object of strings, with sorted names
// and without escapes, as we write it; ok is false for any other.
func plainPieces(data []byte) (fields []PartField, ok bool) {
	if data[0] != '{' || bytes.IndexByte(data, '\\') >= 0 {
		return nil, false
	}
	words := strings.Split(string(data), `"`) // outside and inside of quotes, by turns
	if len(words)%4 != 1 {
		return nil, false
	}
	fields = make([]PartField, 0, len(words)/4)
	for i := 1; i < len(words); i += 4 {
		if strings.TrimSpace(words[i+1]) != ":" || !between(words[i+3]) {
			return nil, false
		}
		fields = append(fields, PartField{Name: words[i], Digest: words[i+2]})
	}
	sorted := slices.IsSortedFunc(fields, func(a, b PartField) int { return cmp.Compare(a.Name, b.Name) })
	return fields, sorted
}

// between reports whether s is what follows a value that is a string.
func between(s string) bool {
	s = strings.TrimSpace(s)
	return s == "," || s == "}"
}
