package sources

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/zeebo/blake3"
)

// blockSize is what is fetched at least. A request takes as long as some 64 KiB
// do; but what a filter wants lies in many small places, and each costs half a
// block too much at both ends.
const blockSize = 32 << 10

// A kept file holds those blocks of a remote file that were fetched: data has
// them in their places, and journal a record for each, which is its number and
// a digest. A block counts only while it has its digest, so a file that was cut
// short or damaged reads as one with blocks missing.
type kept struct {
	size int64

	mu      sync.Mutex
	data    *os.File
	journal *os.File
	digests map[int64][16]byte
}

const recordSize = 8 + 16

// openKept opens the blocks kept in a folder, making it if need be.
func openKept(dir string, size int64) (*kept, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	k := &kept{size: size, digests: map[int64][16]byte{}}
	var err error
	if k.data, err = os.OpenFile(filepath.Join(dir, "data"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if k.journal, err = os.OpenFile(filepath.Join(dir, "blocks"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		_ = k.data.Close()
		return nil, err
	}
	if err := k.load(); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// load reads the journal. A record that a kill cut short goes.
func (k *kept) load() error {
	text, err := os.ReadFile(k.journal.Name())
	if err != nil {
		return err
	}
	if extra := len(text) % recordSize; extra > 0 {
		if err := k.journal.Truncate(int64(len(text) - extra)); err != nil {
			return err
		}
	}
	for ; len(text) >= recordSize; text = text[recordSize:] {
		k.digests[int64(binary.BigEndian.Uint64(text))] = [16]byte(text[8:recordSize])
	}
	return nil
}

func (k *kept) close() {
	_ = k.data.Close()
	_ = k.journal.Close()
}

// span is where a block begins and ends.
func (k *kept) span(block int64) (from, to int64) {
	return block * blockSize, min((block+1)*blockSize, k.size)
}

// read returns a block if it is there and sound.
func (k *kept) read(block int64) ([]byte, bool) {
	k.mu.Lock()
	want, ok := k.digests[block]
	k.mu.Unlock()
	if !ok {
		return nil, false
	}
	from, to := k.span(block)
	p := make([]byte, to-from)
	if n, err := k.data.ReadAt(p, from); n < len(p) && err != nil {
		return nil, false
	}
	return p, digest(p) == want
}

// write keeps a block. The record goes behind the data, and tells what of it
// is missing after a power loss.
func (k *kept) write(block int64, p []byte) error {
	from, to := k.span(block)
	if int64(len(p)) != to-from {
		return fmt.Errorf("block %d has %d bytes, and %d came", block, to-from, len(p))
	}
	if _, err := k.data.WriteAt(p, from); err != nil {
		return err
	}
	sum := digest(p)
	record := append(binary.BigEndian.AppendUint64(nil, uint64(block)), sum[:]...)
	if _, err := k.journal.Write(record); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.digests[block] = sum
	return nil
}

func digest(p []byte) [16]byte {
	sum := blake3.Sum256(p)
	return [16]byte(sum[:16])
}

// nameOf is the name of a folder or file for something that has no legal one.
func nameOf(parts ...string) string {
	h := blake3.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// writeWhole puts a small file in its place at once. Nothing but time is lost
// with it, so it is not synced.
func writeWhole(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
