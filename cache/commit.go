package cache

import (
	"errors"
	"sync"
	"time"
)

var (
	errReadOnly = errors.New("the cache is open for reading only")
	errClosed   = errors.New("the cache is closed")
)

// A framed thing is ready to be written.
type framed struct {
	kind  frameKind
	name  name
	bytes []byte
}

// A submission is what one Put wants on disk, blobs before the entry that
// needs them.
type submission struct {
	frames []framed
	room   []byte // that the frames are in
	done   chan error
}

// submissions are used again and again: an answer is a few kilobytes, which are
// of no use to anybody once they are on disk.
var submissions = sync.Pool{New: func() any { return &submission{} }}

// mostRoom is how much a submission may keep for the next one.
const mostRoom = 64 << 10

// free gives back a submission that has been answered.
func (u *submission) free() {
	clear(u.frames)
	u.frames, u.room, u.done = u.frames[:0], u.room[:0], nil
	if cap(u.room) <= mostRoom {
		submissions.Put(u)
	}
}

// begin leaves room for the head of a frame, whose body is to be appended.
func (u *submission) begin() (start int) {
	start = len(u.room)
	u.room = append(u.room, make([]byte, headSize)...)
	return start
}

// end makes a frame of what was appended since begin.
func (u *submission) end(start int, k frameKind, n name) {
	b := u.room[start:]
	putHead(b, k, n)
	u.frames = append(u.frames, framed{k, n, b})
}

func (u *submission) size() (n int) {
	for _, f := range u.frames {
		n += len(f.bytes)
	}
	return n
}

// An intake is where submissions wait for the goroutine that writes.
type intake struct {
	some chan struct{} // holds a token while something may wait

	mu      sync.Mutex
	waiting []*submission
	closed  bool
}

func newIntake() *intake { return &intake{some: make(chan struct{}, 1)} }

// give is false once the intake is closed.
func (in *intake) give(u *submission) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	if in.waiting = append(in.waiting, u); len(in.waiting) == 1 {
		in.tell()
	}
	return true
}

func (in *intake) tell() {
	select {
	case in.some <- struct{}{}:
	default:
	}
}

// take returns what waits, up to maxGroup bytes of it.
func (in *intake) take() []*submission {
	in.mu.Lock()
	defer in.mu.Unlock()
	size := 0
	for i, u := range in.waiting {
		if size += u.size(); i > 0 && size > maxGroup {
			group := in.waiting[:i:i]
			in.waiting = in.waiting[i:]
			in.tell()
			return group
		}
	}
	group := in.waiting
	in.waiting = nil
	return group
}

// close refuses what comes, and what still waits.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	for _, u := range in.waiting {
		u.done <- errClosed
	}
	in.waiting = nil
}

// maxGroup bounds what is written with one sync, in bytes.
const maxGroup = 8 << 20

// Put stores an answer and returns when it is durable. If the disk is full the
// error is ErrFull, and the answer is lost.
func (s *Store) Put(e *Entry) error {
	q := question{fs: e.Fields, parts: e.Fields.parts()}
	q.ref = Ref{keyOf(q.parts), limitOf(q.parts)}
	return s.put(e, &q)
}

// put stores an answer whose fields are those of q.
func (s *Store) put(e *Entry, q *question) error {
	if s.o.ReadOnly {
		return errReadOnly
	}
	u, err := s.submission(e, q)
	if err != nil {
		return err
	}
	s.start()
	if !s.intake.give(u) {
		return errClosed
	}
	err = <-u.done
	u.free()
	return err
}

// submission frames an entry, and those of its long values that the store is not
// known to have.
func (s *Store) submission(e *Entry, q *question) (*submission, error) {
	u := submissions.Get().(*submission)
	u.done = make(chan error, 1)
	for i, p := range q.parts {
		if !p.long() {
			continue
		}
		if d := Digest([]byte(p.value)); !s.hasBlob(d) {
			start := u.begin()
			u.room = append(append(u.room, packedPlain), e.Fields[i].Value...)
			u.end(start, frameBlob, d.name())
		}
	}
	start := u.begin()
	var err error
	if u.room, err = appendEntry(u.room, e, q.parts); err != nil {
		return nil, err
	}
	u.end(start, frameEntry, q.ref.name())
	return u, nil
}

const (
	// eachWaits is how long each request that is under way lets an answer wait for
	// others to be synced with: 1.5 ms for 500. Where there are many, answers come so
	// fast that one sync after the other would be a good part of all the work. The
	// wait begins with the first of a group: requests whose answers were kept
	// together come home together, and are to stay together.
	eachWaits = 3 * time.Microsecond
	// crowd is how many are under way before any waits: for fewer, a sync takes no
	// longer than the wait would.
	crowd = 100
)

// commitLoop is the one goroutine that writes. What arrives while it waits or
// syncs is written together, with one sync.
func (s *Store) commitLoop() {
	defer s.running.Done()
	for {
		select {
		case <-s.intake.some:
			if !s.holdBack() {
				return
			}
			if n := s.flights.count(); n >= crowd && !s.pause(time.Duration(n)*eachWaits) {
				return
			}
			if group := s.intake.take(); len(group) > 0 {
				s.commit(group)
			}
		case <-s.stop:
			return
		}
	}
}

// commit writes a group. When it does not fit, what fits of it is written.
func (s *Store) commit(group []*submission) {
	err := s.writeGroup(group)
	if errors.Is(err, ErrFull) && len(group) > 1 {
		for _, u := range group {
			s.commit([]*submission{u})
		}
		return
	}
	for _, u := range group {
		u.done <- err
	}
}

// writeGroup leaves out blobs that others of the group, or a Put since the
// caller looked, have brought.
func (s *Store) writeGroup(group []*submission) error {
	all := make([]framed, 0, len(group))
	var brought map[Digest]bool
	for _, u := range group {
		for _, f := range u.frames {
			if d := f.name.digest(); f.kind == frameBlob {
				if brought[d] || s.known.Contains(d) {
					continue
				}
				if brought == nil {
					brought = map[Digest]bool{}
				}
				brought[d] = true
			}
			all = append(all, f)
		}
	}
	if err := s.journal.write(all); err != nil {
		return err
	}
	for d := range brought {
		s.known.Add(d, struct{}{})
	}
	s.written.Add(int64(len(all)))
	s.leases.tell()
	if n, _ := s.journal.waiting(); n >= foldBatch {
		s.wakeFold()
	}
	return nil
}
