package cache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// foldBatch is how many frames go into cache.db while all other processes are
// kept out of it: some 0.2 s in a store of a million.
const foldBatch = 2000

// foldAtOnce is how many of a batch are in one transaction. A transaction keeps
// every page that it changes in memory, which in a large store is one for each
// frame and as many again on the way to them: 16 MB for 2,000.
const foldAtOnce = 500

// foldBytes bounds a batch of long frames.
const foldBytes = 32 << 20

// maxDepth is far deeper than the tree of any store.
const maxDepth = 32

const (
	// breath is the least time between two batches, so that whoever waits for
	// the lock, and asks for it every 50 ms, gets it.
	breath = 100 * time.Millisecond

	// busyRate is how many frames a second leave no processor to spare for
	// folding, which takes as much of it as storing them did. The rate is that of
	// the last two seconds: answers of a model that takes a second come in waves,
	// with calm between them that is none.
	busyRate = 750
	busyOver = 2 * time.Second

	// mostWaiting frames may wait to be folded, in some 300 MB of journal and 4
	// MB of index; then whoever brings more waits. A quarter of them may before
	// folding goes on however busy it is. Models are not that fast: 5,000 answers
	// a second come to the quarter in ten seconds, and to the whole in a minute.
	mostWaiting = 200_000

	// longestBreath is how long to leave a store alone that others hold.
	longestBreath = 5 * time.Second

	// lastFolds is how long a process may go on folding when it has nothing
	// else to do.
	lastFolds = 250 * time.Millisecond
)

// Fold moves what is in the journals of this process, and of those that have
// died, to cache.db. While other processes hold that it does nothing.
func (s *Store) Fold() error {
	if s.o.ReadOnly {
		return errReadOnly
	}
	if err := s.look(); err != nil {
		return err
	}
	for {
		if more, err := s.fold(1); err != nil || !more {
			return err
		}
	}
}

// foldLoop folds in the background whenever there is a batch.
func (s *Store) foldLoop() {
	defer s.running.Done()
	pause := breath
	recent := pace{marks: []mark{{s.written.Load(), time.Now()}}}
	for {
		select {
		case <-s.wake:
		case <-s.stop:
			return
		}
		for more := true; more; {
			if !s.pause(pause) {
				return
			}
			if s.busy(&recent) {
				continue
			}
			pause, more = s.foldOnce(pause)
		}
	}
}

// busy says that folding should wait for a quieter moment: so much was written
// lately, and not too much waits.
func (s *Store) busy(recent *pace) bool {
	return recent.busy(s.written.Load(), time.Now()) && !s.pressing()
}

// pressing says that folding is more urgent than anything else.
func (s *Store) pressing() bool {
	waiting, _ := s.journal.waiting()
	return waiting >= s.mostWaiting/4
}

// holdBack waits while too much is to be folded, so that neither memory nor the
// journal grow with the number of answers. It is false if the store is closed
// meanwhile.
func (s *Store) holdBack() bool {
	for s.full() {
		s.wakeFold()
		select {
		case <-s.tried:
		case <-s.stop:
			return false
		}
	}
	return true
}

// full says that what waits has come to its ceiling.
func (s *Store) full() bool {
	waiting, _ := s.journal.waiting()
	return int64(waiting) >= s.ceiling.Load()
}

// raise sets the ceiling once a batch was tried. While nothing can be folded,
// because others hold cache.db, there is none, and nobody waits. What has come
// then is more than may wait otherwise, and gets less without anybody waiting for
// that: for each batch that goes half of one may come.
func (s *Store) raise(folded bool) {
	ceiling := int64(math.MaxInt64)
	if folded {
		waiting, _ := s.journal.waiting()
		ceiling = max(int64(s.mostWaiting), min(s.ceiling.Load(), int64(waiting+foldBatch/2)))
	}
	s.ceiling.Store(ceiling)
	select {
	case s.tried <- struct{}{}:
	default:
	}
}

// A pace says whether a count grows quickly. It begins with a mark.
type pace struct{ marks []mark }

// A mark is what the count was at a time.
type mark struct {
	count int64
	at    time.Time
}

// busy is whether the count grew by more than busyRate a second in the last
// busyOver, or since the first mark where that is not so long ago. What grew
// since a mark that is older counts as if it had grown lately: that is asked
// again soon, and a build begins after a rest.
func (p *pace) busy(count int64, now time.Time) bool {
	p.marks = append(p.marks, mark{count, now})
	for len(p.marks) > 2 && now.Sub(p.marks[1].at) >= busyOver {
		p.marks = p.marks[1:]
	}
	first := p.marks[0]
	over := min(now.Sub(first.at), busyOver)
	return float64(count-first.count) > busyRate*over.Seconds()
}

// foldOnce folds a batch and says how long to leave others the store.
func (s *Store) foldOnce(pause time.Duration) (time.Duration, bool) {
	began := time.Now()
	more, err := s.fold(foldBatch)
	if err != nil {
		s.warn(fmt.Sprintf("answers stay in the journal: %v", err))
	}
	s.raise(more)
	switch {
	case !more:
		return min(2*pause, longestBreath), false
	case s.pressing():
		return breath, true
	}
	return max(breath, time.Since(began)), true
}

// pause is false if the store is closed meanwhile.
func (s *Store) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.stop:
		return false
	}
}

func (s *Store) wakeFold() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// foldLast folds what this process has written, and what others left when they
// died, with the space that they had reserved, if it takes no longer than anybody
// notices; the rest is for whoever comes next. If it cannot, nothing is lost, so
// that is no error.
func (s *Store) foldLast() {
	if s.o.ReadOnly {
		return
	}
	for began := time.Now(); time.Since(began) < lastFolds; {
		more, err := s.fold(1)
		if err != nil {
			s.warn(fmt.Sprintf("answers stay in the journal: %v", err))
		}
		if err != nil || !more {
			return
		}
	}
}

// fold moves one batch, if there are atLeast frames of this process or any of a
// dead one. There may be more if it is true.
func (s *Store) fold(atLeast int) (more bool, err error) {
	s.folding.Lock()
	defer s.folding.Unlock()
	g, err := s.journal.nextSealed(atLeast)
	if err == nil && g == nil {
		g, err = s.journal.claim()
	}
	if err != nil || g == nil {
		return false, err
	}
	busy, err := s.foldFrom(g)
	s.known.Purge() // others may have changed cache.db while it was let go of
	if !g.own && (busy || err != nil) {
		if err := unlock(g.f); err != nil {
			return false, err
		}
	}
	if isDamage(err) {
		err = s.repair(err, s.db.currentAge())
	}
	if err != nil || busy {
		return false, err
	}
	return true, s.journal.look(s.openDB)
}

// foldFrom moves the next batch of g, and removes g after the last one.
func (s *Store) foldFrom(g *segment) (busy bool, err error) {
	b, err := readBatch(g)
	if err != nil {
		return false, err
	}
	busy, err = s.db.exclusive(func(db *bolt.DB, file *os.File) error {
		if err := db.View(func(tx *bolt.Tx) error { return b.survey(tx, file) }); err != nil {
			return err
		}
		for some := range slices.Chunk(b.frames, foldAtOnce) {
			if err := db.Update(func(tx *bolt.Tx) error { return store(tx, some) }); err != nil {
				return err
			}
		}
		return db.View(b.verify)
	})
	if busy || err != nil {
		return busy, err
	}
	s.journal.folded(g, b)
	if b.last {
		return false, s.journal.done(g)
	}
	return false, nil
}

// A batch is what goes into cache.db at once.
type batch struct {
	frames []framed
	size   int
	end    int64 // where the next batch of the segment begins
	last   bool  // nothing is behind it
}

// readBatch reads on where the last batch of g ended. A segment that is no longer
// written to is read to its end, damaged places and all.
func readBatch(g *segment) (*batch, error) {
	info, err := g.f.Stat()
	if err != nil {
		return nil, err
	}
	scan := newScanner(g.f, g.folded, info.Size())
	scan.thorough = true
	b := &batch{end: g.folded}
	for len(b.frames) < foldBatch && b.size < foldBytes {
		f, off, err := scan.next()
		if errors.Is(err, io.EOF) {
			b.last = true
			break
		}
		if err != nil {
			return nil, err
		}
		b.frames = append(b.frames, framed{f.kind, f.name, f.repack().append(nil)})
		b.size += f.size()
		b.end = off + int64(f.size())
	}
	b.last = b.last || b.end == info.Size()
	slices.SortStableFunc(b.frames, func(a, b framed) int { return bytes.Compare(a.name[:], b.name[:]) })
	return b, nil
}

// survey checks the pages that the batch will touch.
func (b *batch) survey(tx *bolt.Tx, file *os.File) error {
	w, err := newWalk(tx, file)
	if err != nil {
		return err
	}
	keys := map[frameKind][][]byte{}
	for _, f := range b.frames {
		keys[f.kind] = append(keys[f.kind], f.key())
	}
	for kind, sorted := range keys {
		if err := w.bucket(tx.Bucket(kind.bucket()), sorted, len(sorted)*maxDepth); err != nil {
			return err
		}
	}
	return nil
}

// store puts frames into cache.db, in the order of the keys, which touches every
// page once. What is there and readable stays.
func store(tx *bolt.Tx, frames []framed) error {
	for _, bucket := range [][]byte{entriesBucket, blobsBucket} {
		if _, err := tx.CreateBucketIfNotExists(bucket); err != nil {
			return err
		}
	}
	for _, f := range frames {
		bucket, err := tx.CreateBucketIfNotExists(f.kind.bucket())
		if err != nil {
			return err
		}
		if old := bucket.Get(f.key()); f.readable(old) && answers(old) {
			continue
		}
		if err := bucket.Put(f.key(), f.bytes); err != nil {
			return err
		}
	}
	return nil
}

// verify reads back what was stored, in the way of those who will look for it: a
// damaged page may take what is written to it and not give it back, without a
// word from bbolt.
func (b *batch) verify(tx *bolt.Tx) error {
	for _, f := range b.frames {
		if !f.found(tx) {
			return &damage{errors.New("what was written to it cannot be read")}
		}
	}
	return nil
}

func (f *framed) found(tx *bolt.Tx) bool {
	bucket := tx.Bucket(f.kind.bucket())
	if f.kind != frameEntry {
		return f.readable(bucket.Get(f.key()))
	}
	c := bucket.Cursor()
	old, value := c.Seek(f.name[:len(Key{})])
	for bytes.HasPrefix(old, f.name[:len(Key{})]) && !bytes.Equal(old, f.key()) {
		old, value = c.Next()
	}
	return bytes.Equal(old, f.key()) && f.readable(value)
}

// bucket is where frames of a kind are. Those that only a newer isf knows have
// one too, so that nothing is lost where an older one folds.
func (k frameKind) bucket() []byte {
	switch k {
	case frameEntry:
		return entriesBucket
	case frameBlob:
		return blobsBucket
	}
	return fmt.Appendf(nil, "kind %d", k)
}

// key is what f is filed under in its bucket.
func (f *framed) key() []byte {
	if f.kind == frameBlob {
		return f.name[:len(Digest{})]
	}
	return f.name[:]
}

// readable says that value is a whole frame for the same thing as f.
func (f *framed) readable(value []byte) bool {
	old, err := readFrame(value)
	return err == nil && old.kind == f.kind && old.name == f.name
}

// answers says that a frame is a value, or the answer to the request whose key
// it is filed under, or something that only a newer isf can judge. Only where a
// second answer comes in is that worth a look.
func answers(value []byte) bool {
	f, err := readFrame(value)
	if err != nil || f.kind != frameEntry {
		return err == nil
	}
	v, err := decodeEntry(f.body)
	if isNewer(err) {
		return true
	}
	return err == nil && v.ref() == f.name.ref()
}
