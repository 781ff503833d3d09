package graph

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// A stamp is what the file system says of a file without its being read. A file
// that changed has another stamp, except within racyWindow.
type stamp struct {
	size         int64
	mtime, ctime int64 // nanoseconds since 1970; ctime is 0 where there is none
	inode        uint64
}

// An entry is what is known of the bytes of a file.
type entry struct {
	stamp
	hashed  int64 // when reading began, nanoseconds since 1970
	digest  [32]byte
	derived string // see derive
}

// racyWindow is how much older than its hashing a file must be to be trusted
// (git's racy rule). Two changes within one tick of the file system's clock
// leave equal stamps; FAT's tick is two seconds, and no file system in use has
// a longer one.
const racyWindow = 2 * time.Second

func (e *entry) short() string { return hex.EncodeToString(e.digest[:8]) }

// trusted reports whether an equal stamp means equal bytes.
func (e *entry) trusted() bool {
	return max(e.mtime, e.ctime)+int64(racyWindow) <= e.hashed
}

func stampOf(name string, info fs.FileInfo) (stamp, error) {
	switch {
	case info.IsDir():
		return stamp{}, fmt.Errorf("%s %w", name, errFolder)
	case !info.Mode().IsRegular():
		return stamp{}, fmt.Errorf("%s is not a regular file", name)
	}
	ctime, inode := changeOf(info)
	return stamp{info.Size(), info.ModTime().UnixNano(), ctime, inode}, nil
}

// A statCache remembers digests of files by their stamps, and digests of trees
// by what they are composed of. It may be used by many goroutines.
type statCache struct {
	root *os.Root
	file string // below root, "" if it is not kept

	mu    sync.Mutex
	files map[string]entry
	trees map[composition][8]byte
	used  map[composition]bool // trees asked for by this process
	dirty bool
}

// A composition names a tree by the paths and digests of its files.
type composition [32]byte

func (c *statCache) get(name string, st stamp) (entry, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.files[name]
	return e, ok && e.stamp == st && e.trusted()
}

func (c *statCache) put(name string, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[name] = e
	c.dirty = true
}

func (c *statCache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.files[name]; ok {
		delete(c.files, name)
		c.dirty = true
	}
}

func (c *statCache) tree(k composition) (digest [8]byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	digest, ok = c.trees[k]
	c.used[k] = true
	return digest, ok
}

func (c *statCache) putTree(k composition, digest [8]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trees[k] = digest
	c.used[k] = true
	c.dirty = true
}
