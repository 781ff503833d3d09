package cache

import "errors"

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
	done   chan error
}

func (u *submission) add(k frameKind, n name, body []byte) {
	u.frames = append(u.frames, framed{k, n, frame{k, n, body}.append(nil)})
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
	select {
	case s.submit <- u:
		return <-u.done
	case <-s.stop:
		return errClosed
	}
}

// submission frames an entry, and those of its long values that the store is not
// known to have.
func (s *Store) submission(e *Entry, q *question) (*submission, error) {
	body, err := encodeEntry(e, q.parts)
	if err != nil {
		return nil, err
	}
	u := &submission{done: make(chan error, 1)}
	for i, p := range q.parts {
		if !p.long() {
			continue
		}
		d := Digest([]byte(p.value))
		if !s.hasBlob(d) {
			u.add(frameBlob, d.name(), plain(nil, []byte(e.Fields[i].Value)))
		}
	}
	u.add(frameEntry, q.ref.name(), body)
	return u, nil
}

// commitLoop is the one goroutine that writes. What arrives while it syncs is
// written together, with one sync.
func (s *Store) commitLoop() {
	defer s.running.Done()
	for {
		select {
		case u := <-s.submit:
			s.commit(s.gather(u))
		case <-s.stop:
			return
		}
	}
}

func (s *Store) gather(u *submission) []*submission {
	group := []*submission{u}
	for n := u.size(); n < maxGroup; {
		select {
		case u := <-s.submit:
			group = append(group, u)
			n += u.size()
		default:
			return group
		}
	}
	return group
}

func (u *submission) size() (n int) {
	for _, f := range u.frames {
		n += len(f.bytes)
	}
	return n
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
	var all []framed
	brought := map[Digest]bool{}
	for _, u := range group {
		for _, f := range u.frames {
			if d := f.name.digest(); f.kind == frameBlob {
				if brought[d] || s.known.Contains(d) {
					continue
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
	if n, _ := s.journal.waiting(); n >= foldBatch {
		s.wakeFold()
	}
	return nil
}
