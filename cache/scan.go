package cache

import (
	"bytes"
	"errors"
	"io"
)

// A scanner finds frames in a file. Damage between two frames costs what is
// damaged and nothing behind it.
type scanner struct {
	r    io.ReaderAt
	off  int64 // where window begins in the file
	stop int64 // nothing from here on is read

	buf    []byte
	window []byte // the part of buf that has been read and not been passed

	thorough bool // look behind zeros too, which usually are reserved space
}

// scanRoom is read at a time; a longer frame makes the buffer grow.
const scanRoom = 1 << 20

func newScanner(r io.ReaderAt, from, stop int64) *scanner {
	return &scanner{r: r, off: from, stop: stop, buf: make([]byte, max(headSize, min(scanRoom, stop-from)))}
}

// next returns the next frame and its offset, and io.EOF after the last one. The
// frame is a part of the scanner's buffer, and good until the next call.
func (s *scanner) next() (frame, int64, error) {
	for {
		if err := s.fill(headSize); err != nil {
			return frame{}, 0, err
		}
		f, err := s.frame()
		if err == nil {
			at := s.off
			s.pass(f.size())
			return f, at, nil
		}
		if !errors.Is(err, errFrame) {
			return frame{}, 0, err
		}
		if err := s.resync(); err != nil {
			return frame{}, 0, err
		}
	}
}

// frame reads the frame that begins the window.
func (s *scanner) frame() (frame, error) {
	size, ok := frameSize(s.window)
	if !ok || s.off+int64(size) > s.stop {
		return frame{}, errFrame
	}
	if err := s.fill(size); err != nil {
		return frame{}, err
	}
	return readFrame(s.window)
}

// resync moves on to the next place where a frame may begin.
func (s *scanner) resync() error {
	if !s.thorough && len(bytes.Trim(s.window[:headSize], "\x00")) == 0 {
		return io.EOF
	}
	s.pass(1)
	for {
		if i := bytes.Index(s.window, magic); i >= 0 {
			s.pass(i)
			return nil
		}
		s.pass(max(0, len(s.window)-len(magic)+1))
		if err := s.fill(headSize); err != nil {
			return err
		}
	}
}

func (s *scanner) pass(n int) {
	s.window = s.window[n:]
	s.off += int64(n)
}

// fill makes the window at least n bytes long, or says io.EOF.
func (s *scanner) fill(n int) error {
	if len(s.window) >= n {
		return nil
	}
	if s.off+int64(n) > s.stop {
		return io.EOF
	}
	if n > len(s.buf) {
		s.buf = append(make([]byte, 0, 2*n), s.window...)[:2*n]
	} else {
		copy(s.buf, s.window)
	}
	have := len(s.window)
	room := s.buf[have:min(int64(len(s.buf)), s.stop-s.off)]
	got, err := s.r.ReadAt(room, s.off+int64(have))
	s.window = s.buf[:have+got]
	if len(s.window) >= n {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.EOF
	}
	return err
}
