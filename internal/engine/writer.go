package engine

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/graph"
)

// A writer puts the lines of one build into two pending files, rows and error
// rows, and counts. It owns no decision: what is done with the files is for
// the caller, once the last line is in.
type writer struct {
	b     *Build
	rows  *graph.Pending
	errs  *graph.Pending
	table *recordTable

	out, errOut *bufio.Writer
	digest      hash.Hash // of the bytes of the rows
	errDigest   hash.Hash
	content     *blake3.Hasher // of what a reader of this target sees
	ids         *sumSet        // of rows that were written

	Counts
}

// Counts is what became of the records of one build. Rows, failures, skips
// and dropped duplicates are kept apart; Open counts those that wait.
type Counts struct {
	Rows, Failed, Lost, Dropped, Skipped, Open int
	Reused                                     int           // rows all of whose steps were hits
	Kept                                       map[*Keep]int // records that hold answers from before an edit
	Pinned, Moved                              int           // rows that a person wrote; those whose own answer is another by now
	ByError                                    map[string]int
	First                                      string // the first record that failed, and why
	BySkip                                     map[string]int
}

func newWriter(b *Build, rows, errs *graph.Pending, table *recordTable) *writer {
	w := &writer{b: b, rows: rows, errs: errs, table: table, digest: sha256.New(), errDigest: sha256.New(), content: blake3.New(), ids: newSumSet(heldSums)}
	w.ByError, w.BySkip, w.Kept = map[string]int{}, map[string]int{}, map[*Keep]int{}
	w.out, w.errOut = bufio.NewWriterSize(rows, 256<<10), bufio.NewWriter(errs)
	return w
}

// take writes one record. An error is about the disk or about two rows of one
// given id; the build cannot go on.
func (w *writer) take(r Record) error {
	switch {
	case r.Open:
		w.Open++
		return nil
	case r.Skipped != "":
		w.Skipped++
		w.BySkip[r.Skipped]++
		w.b.progress.skipped.Add(1)
		return w.table.add(r)
	case r.Fail != nil:
		return w.fail(r)
	}
	double, err := w.double(r)
	if double || err != nil {
		return err
	}
	w.Rows++
	if r.line.reused {
		w.Reused++
	}
	if r.line.pinned {
		w.Pinned++
	} else {
		w.keeps(r.line)
	}
	if r.line.moved {
		w.Moved++
	}
	w.b.stable.note(r.lock)
	_, _ = w.content.Write(r.line.sum[:])
	_, _ = w.digest.Write(r.line.text)
	if _, err := w.out.Write(r.line.text); err != nil {
		return err
	}
	return w.table.add(r)
}

func (w *writer) fail(r Record) error {
	w.Failed++
	w.ByError[r.Fail.Kind]++
	w.b.progress.errors.Add(1)
	w.b.progress.byError.Add(r.Fail.Kind)
	if w.First == "" {
		w.First = r.ID + ": " + r.Fail.Message
	}
	if r.Fail.Lost {
		w.Lost++
		w.b.progress.lost.Add(1)
	}
	w.keeps(r.line)
	_, _ = w.errDigest.Write(r.line.text)
	if _, err := w.errOut.Write(r.line.text); err != nil {
		return err
	}
	return w.table.add(r)
}

func (w *writer) keeps(l *line) {
	for _, k := range l.kept {
		w.Kept[k]++
	}
}

// double says whether a row of this id came before. Ids made from content mean
// the same row; a given id that comes twice is a mistake somebody must mend.
func (w *writer) double(r Record) (bool, error) {
	id := sumOf([]byte(r.ID))
	known, err := w.ids.has(id)
	if err != nil {
		return false, err
	}
	if !known {
		w.ids.add(id)
		return false, nil
	}
	if r.Given {
		return false, fmt.Errorf("two rows have the id %q: ids must differ, or be left out so that they are made from content", r.ID)
	}
	w.Dropped++
	return true, nil
}

// has says whether a row of this id was written.
func (w *writer) has(id string) (bool, error) { return w.ids.has(sumOf([]byte(id))) }

// close lets go of what only the writing needed.
func (w *writer) close() { w.ids.close() }

// flush hands everything to the pending files.
func (w *writer) flush() error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	if err := w.errOut.Flush(); err != nil {
		return err
	}
	return w.table.buf.Flush()
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
