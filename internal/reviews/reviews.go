// Package reviews keeps what people thought of single rows.
//
// Reviews are decisions of people, so they lie beside the rows in
// NAME.reviews.jsonl and are committed. A review belongs to what a row says and
// not to its id: a row that is made again and says something else is unreviewed,
// and one that comes back as it was is not. Of several reviews of the same
// content the last one counts.
//
// The file grows a line at a time. A last line without its newline was cut short
// and counts as not there.
package reviews

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/internal/jsontext"
	"github.com/identity-shaping/isf/internal/samples"
)

// A Verdict is what somebody thinks of a row.
type Verdict string

const (
	Good Verdict = "good"
	Bad  Verdict = "bad"
)

// A Review is one line of the file.
type Review struct {
	Digest  string  `json:"digest"`
	ID      string  `json:"id"` // for people who read the file
	Verdict Verdict `json:"verdict"`
	Note    string  `json:"note,omitempty"`
	At      string  `json:"at"`
}

// A Book is the reviews of one file of rows.
type Book struct {
	path     string
	now      func() time.Time // replaced in tests
	byDigest map[string]Review
	end      int64 // of the last whole line; what follows was cut short
}

// Path is where the reviews of a file of rows lie.
func Path(rows string) string {
	rows = strings.TrimSuffix(strings.TrimSuffix(rows, filepath.Ext(rows)), ".partial")
	return rows + ".reviews.jsonl"
}

// Open reads the reviews of a file of rows, if there are any.
func Open(rows string) (*Book, error) {
	b := &Book{path: Path(rows), now: time.Now, byDigest: map[string]Review{}}
	text, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break
		}
		if err := b.read(line); err != nil {
			return nil, fmt.Errorf("%s:%d is no review: %w; mend or delete the line", b.path, n, err)
		}
		b.end += int64(len(line)) + 1
		text = rest
	}
	return b, nil
}

func (b *Book) read(line []byte) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var r Review
	if err := jsontext.Strict(line, &r); err != nil {
		return err
	}
	if r.Digest == "" || r.Verdict != Good && r.Verdict != Bad {
		return fmt.Errorf("it has no digest, or a verdict %q that this isf does not know", r.Verdict)
	}
	b.byDigest[r.Digest] = r
	return nil
}

// File is where the reviews are kept.
func (b *Book) File() string { return b.path }

// Of returns the review of what a row says.
func (b *Book) Of(row *samples.Row) (Review, bool) {
	r, ok := b.byDigest[Digest(row)]
	return r, ok
}

// ByDigest returns the review of what has this Digest.
func (b *Book) ByDigest(digest string) (Review, bool) {
	r, ok := b.byDigest[digest]
	return r, ok
}

// Add keeps a review. It is on disk when Add returns.
func (b *Book) Add(row *samples.Row, v Verdict, note string) error {
	r := Review{Digest(row), row.ID, v, note, b.now().UTC().Format(time.RFC3339)}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	if err := b.write(line.Bytes()); err != nil {
		return fmt.Errorf("the review was not kept: %w", err)
	}
	b.byDigest[r.Digest] = r
	return nil
}

// write puts a line where the last whole one ends.
func (b *Book) write(line []byte) error {
	f, err := os.OpenFile(b.path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(line, b.end)
	b.end += int64(len(line))
	return errors.Join(err, f.Truncate(b.end), f.Sync(), f.Close())
}

// Digest names what a row says: its messages, or a table's own fields. How it was
// made is no part of it, nor is its id.
func Digest(row *samples.Row) string {
	h := blake3.New()
	if row.Messages == nil {
		var fields map[string]any
		if json.Unmarshal(row.Text, &fields) == nil {
			delete(fields, "id")
			delete(fields, "provenance")
		}
		text, _ := json.Marshal(fields) // what was JSON a moment ago; keys are sorted
		_, _ = h.Write(text)
	}
	for _, m := range row.Messages {
		fmt.Fprintf(h, "%d:%s%d:%s", len(m.Role), m.Role, len(m.Content), m.Content)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
