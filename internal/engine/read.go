package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/internal/sources"
)

// Rows of a file are decoded and named in batches of neighbours, by several
// goroutines: in one it took longer than all that a rebuild from the cache does
// with them afterwards.

const (
	batchRows  = 256
	batchBytes = 128 << 10
)

// A batch is neighbouring rows of a source on their way to records.
type batch struct {
	rows    []sources.Row
	text    []byte // of all of them
	records []Record
	err     error         // behind the last record
	done    chan struct{} // closed when records and err are final
}

// Read returns the rows of a source, as a stream: what is in memory depends on
// the format, and not on the number of rows. decode makes a value of a row's
// text and keeps nothing of it. A row that cannot be read or decoded fails the
// target when its turn comes.
func Read(b *Build, src Source, q sources.Query, decode func([]byte) (any, error)) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		files, done, err := src.open(b)
		if err != nil {
			b.broken(err)
			return
		}
		defer done()
		r := &reading{b: b, decode: decode}
		ctx, cancel := context.WithCancel(b.engine.waiting())
		defer r.wg.Wait()
		defer cancel()
		batches := r.inTurn
		if local(files) {
			cancel() // of a local file a stop counts the rest
			ctx, cancel = b.lingering()
			defer cancel()
			batches = r.ahead
		}
		for one := range batches(ctx, sources.Rows(ctx, files, q)) {
			for _, rec := range one.records {
				if !each(rec, finish, yield) {
					return
				}
			}
			if one.err != nil {
				b.broken(one.err)
				return
			}
		}
	}
}

// broken ends a source: because the build stops, or as a failure of the target,
// since nobody knows what else the source would have said.
func (b *Build) broken(err error) {
	if b.stopped() {
		b.cutShort()
		b.rest.hide(true)
		return
	}
	b.Fail(err)
}

// local says that reading ahead costs nothing: of remote files no row is fetched
// before somebody wants it.
func local(files []sources.File) bool {
	return !slices.ContainsFunc(files, func(f sources.File) bool {
		_, ok := f.ReaderAt.(*os.File)
		return !ok
	})
}

// A reading makes records of rows.
type reading struct {
	b      *Build
	decode func([]byte) (any, error)
	wg     sync.WaitGroup
	texts  sync.Pool // of *[]byte, for the texts of batches: records keep nothing of them
}

// inTurn makes a batch of each row, when it is asked for.
func (r *reading) inTurn(_ context.Context, rows iter.Seq2[sources.Row, error]) iter.Seq[*batch] {
	return func(yield func(*batch) bool) {
		for row, err := range rows {
			one := &batch{err: err}
			if err == nil {
				one.records = make([]Record, 1)
				one.records[0], one.err = r.record(row)
			}
			if one.err != nil {
				one.records = nil
			}
			if !yield(one) || one.err != nil {
				return
			}
		}
	}
}

// ahead works on a few batches at once, and returns them in order.
func (r *reading) ahead(ctx context.Context, rows iter.Seq2[sources.Row, error]) iter.Seq[*batch] {
	return func(yield func(*batch) bool) {
		queue := make(chan *batch, runtime.GOMAXPROCS(0))
		r.wg.Go(func() { r.pull(ctx, rows, queue) })
		for one := range queue {
			<-one.done
			if !yield(one) || one.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(&batch{err: err}) // pull may have left rows out: what came is not all there is
		}
	}
}

// pull gathers rows. Batches begin small, so that the first record starts at
// once and a build of ten records reads little more.
func (r *reading) pull(ctx context.Context, rows iter.Seq2[sources.Row, error], queue chan<- *batch) {
	defer close(queue)
	one, size := &batch{}, 1
	hand := func() bool {
		ready := one
		ready.done = make(chan struct{})
		one, size = &batch{}, min(2*size, batchRows)
		select {
		case queue <- ready:
			r.wg.Go(func() { r.work(ready) })
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, err := range rows {
		if err != nil {
			one.err = err
			break
		}
		r.add(one, row)
		if (len(one.rows) >= size || len(one.text) >= batchBytes) && !hand() {
			return
		}
	}
	if len(one.rows) > 0 || one.err != nil {
		hand()
	}
}

// add copies a row, whose text is valid until the next.
func (r *reading) add(one *batch, row sources.Row) {
	if room := cap(one.text) - len(one.text); room < len(row.Text) {
		one.text = r.room(len(row.Text)) // earlier rows keep what they have
	}
	at := len(one.text)
	one.text = append(one.text, row.Text...)
	row.Text = one.text[at:len(one.text):len(one.text)]
	one.rows = append(one.rows, row)
}

// room is empty, for the texts of a batch or for one that is longer.
func (r *reading) room(size int) []byte {
	if used, ok := r.texts.Get().(*[]byte); ok && cap(*used) >= size {
		return (*used)[:0]
	}
	return make([]byte, 0, max(batchBytes+4<<10, size))
}

// work decodes a batch, up to the first row that cannot be.
func (r *reading) work(one *batch) {
	defer close(one.done)
	behind := one.err
	one.err = failf("unexpected_error", "decoding a row ended its goroutine")
	defer func() {
		if p := recover(); p != nil {
			one.err = panicFailure(r.b.root(), p)
		}
		text := one.text
		one.rows, one.text = nil, nil
		r.texts.Put(&text)
	}()
	one.records = make([]Record, 0, len(one.rows))
	for _, row := range one.rows {
		rec, err := r.record(row)
		if err != nil {
			one.err = err
			return
		}
		one.records = append(one.records, rec)
	}
	one.err = behind
}

func (r *reading) record(row sources.Row) (Record, error) {
	v, err := r.decode(row.Text)
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", row.Place(), explainJSON(err))
	}
	return sourceRecord(v)
}

// explainJSON says what is wrong with a row without showing it whole.
func explainJSON(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %q is a JSON %s, which does not fit %s", e.Field, e.Value, e.Type)
	}
	return fmt.Errorf("not a JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
}
