package recipes

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// A record is three numbers that sort as bytes: two to sort by, and a place.
type record [24]byte

func newRecord(a, b, place uint64) (r record) {
	binary.BigEndian.PutUint64(r[0:], a)
	binary.BigEndian.PutUint64(r[8:], b)
	binary.BigEndian.PutUint64(r[16:], place)
	return r
}

func (r *record) a() uint64     { return binary.BigEndian.Uint64(r[0:]) }
func (r *record) b() uint64     { return binary.BigEndian.Uint64(r[8:]) }
func (r *record) place() uint64 { return binary.BigEndian.Uint64(r[16:]) }

// sortInMemory is how many records are sorted at a time: 6 MiB of them.
const sortInMemory = 256 << 10

// A sorter sorts any number of records in bounded memory: what does not fit is
// written to a file in sorted runs, which are merged when they are read.
type sorter struct {
	dir  string
	most int
	held []record
	runs scratch
	ends []int64 // of the runs in the file
}

func newSorter(dir string) *sorter { return &sorter{dir: dir, most: sortInMemory} }

func (s *sorter) add(r record) error {
	s.held = append(s.held, r)
	if len(s.held) < s.most {
		return nil
	}
	return s.spill()
}

func (s *sorter) spill() error {
	s.sort()
	if err := s.runs.open(s.dir); err != nil {
		return err
	}
	for i := range s.held {
		if err := s.runs.write(s.held[i][:]); err != nil {
			return err
		}
	}
	s.ends = append(s.ends, s.runs.size)
	s.held = s.held[:0]
	return nil
}

func (s *sorter) sort() {
	slices.SortFunc(s.held, func(a, b record) int { return bytes.Compare(a[:], b[:]) })
}

// each visits all records in their order, once, and lets go of them.
func (s *sorter) each(visit func(record) error) error {
	defer s.close()
	s.sort()
	if len(s.ends) == 0 {
		for _, r := range s.held {
			if err := visit(r); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.runs.flush(); err != nil {
		return err
	}
	return s.merge(visit)
}

func (s *sorter) merge(visit func(record) error) error {
	m := merge{{rest: &heldRun{s.held}}}
	begin := int64(0)
	for _, end := range s.ends {
		m = append(m, &run{rest: bufio.NewReaderSize(io.NewSectionReader(s.runs.file, begin, end-begin), 64<<10)})
		begin = end
	}
	var live merge
	for _, r := range m {
		if more, err := r.next(); err != nil {
			return err
		} else if more {
			live = append(live, r)
		}
	}
	heap.Init(&live)
	for len(live) > 0 {
		if err := visit(live[0].first); err != nil {
			return err
		}
		more, err := live[0].next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&live, 0)
		default:
			heap.Pop(&live)
		}
	}
	return nil
}

func (s *sorter) close() {
	s.runs.close()
	s.held, s.ends = nil, nil
}

// A run is a sorted list, read from its front.
type run struct {
	first record
	rest  io.Reader
}

func (r *run) next() (more bool, err error) {
	_, err = io.ReadFull(r.rest, r.first[:])
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// A heldRun reads records from memory.
type heldRun struct{ left []record }

func (h *heldRun) Read(b []byte) (int, error) {
	if len(h.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, h.left[0][:])
	h.left = h.left[1:]
	return n, nil
}

// A merge is a heap of runs by their first records.
type merge []*run

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return bytes.Compare(m[i].first[:], m[j].first[:]) < 0 }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*run)) }
func (m *merge) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

// A scratch is a file for what memory should not hold. Where the system allows
// it the file has no name, so that a kill leaves nothing.
type scratch struct {
	file *os.File
	out  *bufio.Writer
	size int64
}

// open makes the file unless it is there.
func (s *scratch) open(dir string) error {
	if s.file != nil {
		return nil
	}
	f, err := os.CreateTemp(dir, "isf-recipe-")
	if err != nil {
		return err
	}
	_ = os.Remove(f.Name())
	s.file, s.out = f, bufio.NewWriterSize(f, 256<<10)
	return nil
}

func (s *scratch) write(b []byte) error {
	n, err := s.out.Write(b)
	s.size += int64(n)
	return err
}

func (s *scratch) flush() error { return s.out.Flush() }

func (s *scratch) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name()) // where it could not go while it was open
		s.file = nil
	}
}
