package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// The stat cache is one file: a line that names the format, the SHA-256 of the
// rest, and the entries. Anything unexpected in it makes it an empty cache.
const statFormat = "isf stat 1\n"

// Past these sizes the cache begins anew, and trees that this process did not
// ask for are left out: 20 times the largest project we measure, and a few
// megabytes.
const (
	maxStatFiles = 200_000
	maxStatTrees = 10_000
)

func loadStatCache(root *os.Root, file string) *statCache {
	c := &statCache{root: root, file: filepath.FromSlash(file), used: make(map[composition]bool)}
	data, err := root.ReadFile(c.file)
	if err == nil {
		c.files, c.trees = decodeStats(data)
	}
	if c.files == nil {
		c.files, c.trees = make(map[string]entry), make(map[composition][8]byte)
	}
	return c
}

func (c *statCache) save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file == "" || !c.dirty {
		return nil
	}
	if err := c.root.MkdirAll(filepath.Dir(c.file), 0o700); err != nil {
		return err
	}
	data := c.encode()
	write := func(w io.Writer) error { _, err := w.Write(data); return err }
	if err := replace(c.root, c.file, hasty, write); err != nil {
		return err
	}
	c.dirty = false
	return nil
}

func (c *statCache) encode() []byte {
	if len(c.files) > maxStatFiles {
		clear(c.files)
	}
	if len(c.trees) > maxStatTrees {
		maps.DeleteFunc(c.trees, func(k composition, _ [8]byte) bool { return !c.used[k] })
	}
	b := binary.AppendUvarint(nil, uint64(len(c.files)))
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		b = appendEntry(appendText(b, name), c.files[name])
	}
	b = binary.AppendUvarint(b, uint64(len(c.trees)))
	for _, k := range slices.SortedFunc(maps.Keys(c.trees), func(a, b composition) int { return bytes.Compare(a[:], b[:]) }) {
		digest := c.trees[k]
		b = append(append(b, k[:]...), digest[:]...)
	}
	sum := sha256.Sum256(b)
	return slices.Concat([]byte(statFormat), sum[:], b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendEntry(b []byte, e entry) []byte {
	for _, n := range [...]int64{e.size, e.mtime, e.ctime, int64(e.inode), e.hashed} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return appendText(append(b, e.digest[:]...), e.derived)
}

// decodeStats returns nil maps if data is not what encode wrote.
func decodeStats(data []byte) (map[string]entry, map[composition][8]byte) {
	rest, ok := bytes.CutPrefix(data, []byte(statFormat))
	if !ok || len(rest) < sha256.Size {
		return nil, nil
	}
	body := rest[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil, nil
	}
	// One string for all: names and what is derived are parts of it, so that loading
	// 10,000 entries allocates little more than the map.
	d := statDecoder{rest: string(body)}
	n := d.count()
	files := make(map[string]entry, n)
	for range n {
		name := d.text()
		files[name] = d.entry()
	}
	n = d.count()
	trees := make(map[composition][8]byte, n)
	for range n {
		k, digest := d.take(len(composition{})), d.take(8)
		if !d.bad {
			trees[composition([]byte(k))] = [8]byte([]byte(digest))
		}
	}
	if d.bad || d.rest != "" {
		return nil, nil
	}
	return files, trees
}

// A statDecoder takes values off the front of rest. After something unexpected
// bad is set, and it yields zero values.
type statDecoder struct {
	rest string
	bad  bool
}

func (d *statDecoder) take(n int) string {
	if d.bad || n > len(d.rest) {
		d.bad, d.rest = true, ""
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// count reads a length, which is never more than what is left of the file.
func (d *statDecoder) count() int {
	n, size := binary.Uvarint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if size <= 0 || n > uint64(len(d.rest)) {
		d.bad, d.rest = true, ""
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

func (d *statDecoder) text() string { return d.take(d.count()) }

func (d *statDecoder) number() int64 {
	var b [8]byte
	copy(b[:], d.take(len(b)))
	return int64(binary.BigEndian.Uint64(b[:]))
}

func (d *statDecoder) entry() (e entry) {
	e.size, e.mtime, e.ctime = d.number(), d.number(), d.number()
	e.inode, e.hashed = uint64(d.number()), d.number()
	copy(e.digest[:], d.take(len(e.digest)))
	e.derived = d.text()
	return e
}
