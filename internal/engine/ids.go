package engine

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/identity-shaping/isf/internal/jsontext"
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
	in := bufio.NewReaderSize(f, 256<<10)
	for len(ids) < n {
		line, err := jsontext.ReadLine(in)
		if id := rowID(line); id != "" && strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}
