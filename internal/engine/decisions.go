package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/jsontext"
)

// People decide about single records: that one be asked again, that a row be
// kept as they wrote it. Decisions are lines of NAME.decisions.jsonl beside
// the output. The file is committed, is an input of its target, and only
// grows: a later line takes an earlier one back.

// A Decision is one line.
type Decision struct {
	Reroll   string          `json:"reroll,omitempty"`   // ask this record again, once more for each line
	Unreroll string          `json:"unreroll,omitempty"` // take its rerolls and retries back: the first answers are there again
	Retry    string          `json:"retry,omitempty"`    // take the answers of this record for rejected, one attempt more for each line
	Pin      string          `json:"pin,omitempty"`      // keep this row as it is written here
	Row      json.RawMessage `json:"row,omitempty"`
	Made     string          `json:"made,omitempty"` // digest of the row that a build made in its place
	Unpin    string          `json:"unpin,omitempty"`
	Keep     *Keep           `json:"keep,omitempty"`   // let old answers stand although an input was edited
	Unkeep   string          `json:"unkeep,omitempty"` // take back what was kept of this input
}

// decisionsAttr is what a target calls its decisions among its inputs.
const decisionsAttr = "decisions"

// decisionsPath is where the decisions about a target are.
func decisionsPath(output string) string {
	return strings.TrimSuffix(output, path.Ext(output)) + ".decisions.jsonl"
}

// decisions are what holds after all lines.
type decisions struct {
	rerolls map[string]int
	retries map[string]int
	pins    map[string]pin
	keeps   []*Keep
}

type pin struct {
	row  json.RawMessage
	made string
}

// decisions reads what was decided about a target.
func (p *Project) decisions(output string) (decisions, error) {
	d := decisions{rerolls: map[string]int{}, retries: map[string]int{}, pins: map[string]pin{}}
	name := decisionsPath(output)
	f, err := p.Files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	for n := 1; ; n++ {
		text, err := jsontext.ReadLine(in)
		if len(bytes.TrimSpace(text)) > 0 {
			var one Decision
			jerr := jsontext.Strict(text, &one)
			if jerr == nil && !d.take(one) {
				jerr = errors.New("it decides nothing")
			}
			if jerr != nil {
				return d, fmt.Errorf("%s:%d: this is no decision; mend the line or take it out: %w", name, n, jerr)
			}
		}
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return d, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
}

// take adds what one line decides, if it decides anything.
func (d *decisions) take(one Decision) bool {
	switch {
	case one.Reroll != "":
		d.rerolls[one.Reroll]++
	case one.Retry != "":
		d.retries[one.Retry]++
	case one.Unreroll != "":
		delete(d.rerolls, one.Unreroll)
		delete(d.retries, one.Unreroll)
	case one.Pin != "":
		d.pins[one.Pin] = pin{one.Row, one.Made}
	case one.Unpin != "":
		delete(d.pins, one.Unpin)
	case one.Keep != nil:
		d.keeps = append(d.keeps, one.Keep)
	case one.Unkeep != "":
		d.keeps = slices.DeleteFunc(d.keeps, func(k *Keep) bool { return k.Input == one.Unkeep })
	default:
		return false
	}
	return true
}

// Decide adds decisions about a target.
func (p *Project) Decide(t *graph.Target, more []Decision) error {
	name := decisionsPath(t.Output)
	before, err := p.Files.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		before = append(before, '\n')
	}
	return graph.WriteFile(p.Files, name, func(w io.Writer) error {
		if _, err := w.Write(before); err != nil {
			return err
		}
		for _, one := range more {
			text, err := marshal(one)
			if err != nil {
				return err
			}
			if _, err := w.Write(append(text, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
}

// decided is the input that decisions are, if there are any.
func (p *Project) decided(output string) []graph.Input {
	name := decisionsPath(output)
	if _, err := p.Files.Stat(name); err != nil {
		return nil
	}
	return []graph.Input{graph.File{Attr: decisionsAttr, Path: name}}
}

// FailedRecords returns the ids in a target's errors file.
func (p *Project) FailedRecords(t *graph.Target) (ids []string, err error) {
	err = p.eachRow(t.Errors, func(id string, _ []byte) error {
		ids = append(ids, id)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return ids, err
}

// Retries are the decisions to try those records again whose answers led to an
// error: such an error repeats in every build, because the answers are in the
// cache. Records that no answer reached need no decision.
func (p *Project) Retries(t *graph.Target) (all []Decision, err error) {
	err = p.eachRow(t.Errors, func(id string, line []byte) error {
		var row struct {
			Failed struct{ Error string } `json:"__ERROR__"`
		}
		if json.Unmarshal(line, &row) == nil && !dispatch.OnTheWay(row.Failed.Error) {
			all = append(all, Decision{Retry: id})
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return all, err
}
