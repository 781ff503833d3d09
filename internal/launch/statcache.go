package launch

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/zeebo/blake3"
)

// A statCache remembers the digests of files by what lstat says of them. Losing
// it costs some milliseconds.
type statCache struct {
	path    string
	now     func() time.Time
	files   map[string]cached
	changed bool
}

// A cached file is unchanged as long as its stamp is.
type cached struct {
	Stamp  stamp    `json:"s"`
	Digest string   `json:"d"`
	Embeds []string `json:"e,omitempty"`
}

// A stamp changes when a file is written, moved or replaced.
type stamp struct {
	Size  int64  `json:"n"`
	MTime int64  `json:"m"`
	CTime int64  `json:"c,omitempty"`
	Inode uint64 `json:"i,omitempty"`
}

// racy is how young a file's time stamps may be to be trusted: within the
// clock's coarseness a file could change again and keep its stamp. FAT's is the
// coarsest with two seconds.
const racy = 2 * time.Second

func readStatCache(path string) *statCache {
	c := &statCache{path: path, now: time.Now, files: map[string]cached{}}
	text, err := os.ReadFile(path)
	if err != nil {
		return c
	}
	var stored storedCache
	if json.Unmarshal(text, &stored) == nil && stored.Format == format && stored.Files != nil {
		c.files = stored.Files
	}
	return c
}

type storedCache struct {
	Format string            `json:"format"`
	Files  map[string]cached `json:"files"`
}

// look returns the file's digest, reading it only if its stamp is new.
func (c *statCache) look(path string, info fs.FileInfo) (cached, error) {
	s := stampOf(info)
	if f, ok := c.files[path]; ok && f.Stamp == s {
		return f, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return cached{}, err
	}
	h := blake3.Sum256(text)
	f := cached{Stamp: s, Digest: hex.EncodeToString(h[:16])}
	if filepath.Ext(path) == ".go" {
		f.Embeds = embeds(text)
	}
	c.changed = true
	if c.now().Sub(info.ModTime()) > racy {
		c.files[path] = f
	} else {
		delete(c.files, path)
	}
	return f, nil
}

// save writes down what is known of the files seen, if that changed. It may
// fail: a read-only project works as well.
func (c *statCache) save(seen map[string]string) {
	for path := range c.files {
		if _, ok := seen[path]; !ok {
			delete(c.files, path)
			c.changed = true
		}
	}
	if !c.changed {
		return
	}
	text, err := json.Marshal(storedCache{format, c.files})
	if err == nil {
		err = makeDir(filepath.Dir(c.path))
	}
	if err == nil && writeFile(c.path, text) == nil {
		c.changed = false
	}
}

// makeDir makes .isf/bin; both folders are nobody else's business.
func makeDir(dir string) error { return os.MkdirAll(dir, 0o700) }

// writeFile replaces a file in one step.
func writeFile(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
