package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/graph"
)

// A use list names the answers that one run of a target got, whatever became of
// the records they were for: .isf/used/TARGET/NUMBER, or NUMBER-built if the run
// became the target's output. Record tables know less: a record that was skipped,
// or dropped at a barrier, is in none. Lists of the last runs are kept, and of
// the last one that counted. Losing them loses the right to throw answers away.

// KeptRuns is how many lists of a target are kept.
const KeptRuns = 5

// A use is the beginning of a key: long enough that two keys never share one by
// chance, and a million of them are 16 MB.
type use [16]byte

func useOf(k cache.Key) use { return use(k[:]) }

const builtSuffix = "-built"

func usedDir(target string) string { return path.Join(StateDir, "used", flatten(target)) }

// pendingUses is where the list of a run is until it ends.
func pendingUses(target string) string { return path.Join(usedDir(target), "run") }

// A list begins with usesFormat and ends with a checksum of all before, each as
// long as a use: an answer must not go because a list was cut or a bit has
// flipped. Lists of before there was a format are uses only.
var usesFormat = use([]byte(usesHead + "1     \n"))

// usesHead begins a list of any format that has one, and the checksum ends it.
const usesHead = "isf uses "

// A useList is written by the tasks of one run.
type useList struct {
	file *graph.Pending

	mu  sync.Mutex
	buf *bufio.Writer
	sum *blake3.Hasher
	n   int
}

func newUseList(file *graph.Pending) *useList {
	l := &useList{file: file, buf: bufio.NewWriter(file), sum: blake3.New()}
	l.write(usesFormat)
	return l
}

func (l *useList) write(u use) {
	_, _ = l.buf.Write(u[:]) // an error stays, and keep finds it
	_, _ = l.sum.Write(u[:])
}

func (l *useList) add(k cache.Key) {
	if l == nil { // a plan
		return
	}
	u := useOf(k)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(u)
	l.n++
}

// keepUses puts the list of a run beside those of earlier ones. The target's
// lock is held.
func (p *Project) keepUses(target string, l *useList, built bool) error {
	if l.n == 0 && !built {
		return nil
	}
	l.write(use(l.sum.Sum(nil)))
	if err := l.buf.Flush(); err != nil {
		return err
	}
	runs, err := p.runs(target)
	if err != nil {
		return err
	}
	next := 1
	if len(runs) > 0 {
		next = runs[len(runs)-1].number + 1
	}
	name := fmt.Sprintf("%08d", next)
	if built {
		name += builtSuffix
	}
	if err := l.file.Commit(path.Join(usedDir(target), name)); err != nil {
		return err
	}
	for _, old := range outdated(append(runs, run{next, name})) {
		if err := p.Files.Remove(path.Join(usedDir(target), old.name)); err != nil {
			return err
		}
	}
	return nil
}

// A run is one use list on disk.
type run struct {
	number int
	name   string
}

func (r run) built() bool { return strings.HasSuffix(r.name, builtSuffix) }

// runs are the lists of a target, oldest first.
func (p *Project) runs(target string) ([]run, error) {
	entries, err := fs.ReadDir(p.Files.FS(), usedDir(target))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var runs []run
	for _, e := range entries {
		n, err := strconv.Atoi(strings.TrimSuffix(e.Name(), builtSuffix))
		if err == nil && e.Type().IsRegular() {
			runs = append(runs, run{n, e.Name()})
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return a.number - b.number })
	return runs, nil
}

// newest returns the last n runs, and the last one that counted.
func newest(runs []run, n int) []run {
	first := max(0, len(runs)-n)
	for i := first - 1; i >= 0 && !slices.ContainsFunc(runs[first:], run.built); i-- {
		if runs[i].built() {
			return append([]run{runs[i]}, runs[first:]...)
		}
	}
	return runs[first:]
}

func outdated(runs []run) []run {
	kept := newest(runs, KeptRuns)
	return slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return slices.Contains(kept, r) })
}

// readUses reads the lists of a target's last n runs.
func (p *Project) readUses(target string, n int, take func(use)) error {
	runs, err := p.runs(target)
	if err != nil {
		return err
	}
	for _, r := range newest(runs, n) {
		if err := p.readRun(path.Join(usedDir(target), r.name), take); err != nil {
			return fmt.Errorf("what %s uses cannot be read: build it again with --force --offline: %w", target, err)
		}
	}
	return nil
}

func (p *Project) readRun(name string, take func(use)) error {
	f, err := p.Files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a build has put it away meanwhile
	}
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err == nil {
		err = readList(text, take)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// readList reads the uses of one list: 16 MB for a million.
func readList(text []byte, take func(use)) error {
	const size = len(use{})
	if len(text) == 0 || len(text)%size != 0 {
		return io.ErrUnexpectedEOF
	}
	if bytes.HasPrefix(text, []byte(usesHead)) {
		end := len(text) - size
		if sum := cache.DigestOf(text[:end]); !bytes.Equal(sum[:size], text[end:]) {
			return errors.New("its checksum is wrong")
		}
		if !bytes.HasPrefix(text, usesFormat[:]) {
			return errors.New("it was written by a newer isf; update isf")
		}
		text = text[min(size, end):end]
	}
	for u := range slices.Chunk(text, size) {
		take(use(u))
	}
	return nil
}
