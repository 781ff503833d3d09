package engine

import (
	"strings"

	"github.com/identity-shaping/isf/internal/samples"
)

// RecordIDs returns up to n ids of a target's rows that begin with prefix, in
// the order of the rows.
func (p *Project) RecordIDs(target, prefix string, n int) ([]string, error) {
	ts, err := p.Graph.Select([]string{target})
	if err != nil {
		return nil, Usagef("%w", err)
	}
	f, err := p.Files.Open(ts[0].Output)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var ids []string
	for line, err := range samples.Rows(f) {
		if err != nil {
			return nil, err
		}
		if id := rowID(line.Text); id != "" && strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
		if len(ids) == n {
			break
		}
	}
	return ids, nil
}
