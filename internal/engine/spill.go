package engine

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// spillAbove is how many bytes of finished lines a stage keeps in memory while
// they wait for an older record. Beyond it they go to a file.
const spillAbove = 8 << 20

// A spill holds lines that were finished ahead of the oldest unfinished
// record, first in memory, then in a file that has no name on disk.
type spill struct {
	held atomic.Int64 // bytes in memory

	mu   sync.Mutex
	file *os.File
	size int64
	out  int // lines in the file that were not yet taken back
}

// offer takes charge of r's line, which may leave memory.
func (s *spill) offer(r *Record) {
	if r.line == nil {
		return
	}
	n := int64(len(r.line.text))
	if s.held.Add(n) <= spillAbove {
		return
	}
	s.held.Add(-n)
	if at, err := s.write(r.line.text); err == nil {
		r.line.text, r.line.spilled, r.line.at, r.line.length = nil, true, at, int(n)
		return
	}
	// Without a spill file the line stays in memory: slower is better than lost.
	s.held.Add(n)
}

func (s *spill) write(text []byte) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		f, err := scratchFile()
		if err != nil {
			return 0, err
		}
		s.file = f
	}
	if s.out == 0 {
		s.size = 0 // everything written was taken back: start over
	}
	at := s.size
	if _, err := s.file.WriteAt(text, at); err != nil {
		return 0, err
	}
	s.size += int64(len(text))
	s.out++
	return at, nil
}

// restore gives r its line back.
func (s *spill) restore(r *Record) error {
	if r.line == nil {
		return nil
	}
	if !r.line.spilled {
		s.held.Add(-int64(len(r.line.text)))
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.line.text = make([]byte, r.line.length)
	r.line.spilled = false
	s.out--
	if _, err := s.file.ReadAt(r.line.text, r.line.at); err != nil {
		return fmt.Errorf("a finished row could not be read back from the spill file: %w", err)
	}
	return nil
}

func (s *spill) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		discardScratch(s.file)
	}
}

// scratchFile is a file for what memory should not hold. Where the system allows
// it the file has no name, so that a kill leaves nothing.
func scratchFile() (*os.File, error) {
	f, err := os.CreateTemp("", "isf-spill-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	return f, nil
}

func discardScratch(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name()) // on Windows an open file could not be removed earlier
}
