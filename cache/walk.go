package cache

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sort"

	bolt "go.etcd.io/bbolt"
)

// A walk reads pages of cache.db before bbolt does, because there is damage that
// bbolt does not survive in a way that could be recovered from: a branch that
// leads back to a page above it exhausts the stack, and a page that claims to be
// 4 billion pages long is freed one page after the other.
//
// The layout is bbolt's, in the byte order of the machine. A page begins with
// id (8 bytes), flags (2), count (2) and the number of pages that it overflows
// into (4); then count elements of 16 bytes:
//
//	branch  position of the key (4), its size (4), page (8)
//	leaf    flags (4), position of the key (4), size of key (4) and value (4)
//
// where a position counts from the element, and the value follows its key. The
// first two pages are metas, written in turn: magic, version, page size and
// flags (16), root (8), sequence (8), freelist (8), first unused page (8), …
type walk struct {
	file     io.ReaderAt
	pageSize uint64
	high     uint64 // first page that is not in use
	freelist uint64
	seen     map[uint64]bool
	sound    *pages // that need not be read again; may be nil
	room     []byte // for the page that is looked at
}

const (
	pageHead   = 16
	element    = 16
	branchFlag = 0x01
	leafFlag   = 0x02
	freeFlag   = 0x10
	noFreelist = ^uint64(0)
)

// openBudget is how many pages of a bucket are walked over at every start: all
// branches of a store of a few thousand answers, where a flipped bit may well
// point to a page above; in a large one hardly any page is that near.
const openBudget = 128

// A visit is a page to be read, and the keys that will be looked for in it, in
// order; nil for all there are.
type visit struct {
	page uint64
	keys [][]byte
}

// newWalk reads the meta page that tx sees.
func newWalk(tx *bolt.Tx, file io.ReaderAt) (*walk, error) {
	w := &walk{file: file, pageSize: uint64(tx.DB().Info().PageSize), seen: map[uint64]bool{}}
	b := make([]byte, pageHead+64)
	if _, err := file.ReadAt(b, int64(uint64(tx.ID())%2*w.pageSize)); err != nil {
		return nil, err
	}
	w.freelist = binary.NativeEndian.Uint64(b[pageHead+32:])
	w.high = binary.NativeEndian.Uint64(b[pageHead+40:])
	return w, w.checkFreelist()
}

func (w *walk) checkFreelist() error {
	if w.freelist == noFreelist {
		return nil
	}
	p, err := w.head(w.freelist)
	if err != nil {
		return err
	}
	if p.flags != freeFlag {
		return w.damaged(w.freelist, "is not the list of free pages")
	}
	return nil
}

// bucket walks to where keys are, or through all of b, over at most budget
// pages.
func (w *walk) bucket(b *bolt.Bucket, keys [][]byte, budget int) error {
	if b == nil || b.Root() == 0 {
		return nil // inside a page that has been read
	}
	queue := []visit{{uint64(b.Root()), keys}}
	for ; len(queue) > 0 && budget > 0; budget-- {
		next, err := w.visit(queue[0])
		if err != nil {
			return err
		}
		queue = append(queue[1:], next...)
	}
	return nil
}

// visit checks one page and returns those below it that are to be visited.
func (w *walk) visit(v visit) ([]visit, error) {
	if w.seen[v.page] {
		return nil, w.damaged(v.page, "is reached twice")
	}
	w.seen[v.page] = true
	p, err := w.page(v.page, v.keys != nil)
	if err != nil {
		return nil, err
	}
	return p.children(v.keys), nil
}

// path checks the pages that lead to a key.
func (w *walk) path(b *bolt.Bucket, key []byte) error {
	id := uint64(b.Root())
	for range maxDepth {
		if id == 0 {
			return nil // inside a page that has been read
		}
		p, err := w.page(id, true)
		if err != nil || p.flags == leafFlag {
			return err
		}
		id = p.child(p.below(key, 0))
	}
	return w.damaged(id, "is deeper than any")
}

// page reads a page and checks it, of a leaf the head alone unless it is to be
// whole.
func (w *walk) page(id uint64, whole bool) (*pageView, error) {
	if p, ok := w.sound.get(id); ok {
		return p, nil
	}
	p, err := w.head(id)
	if err != nil {
		return nil, err
	}
	if p.flags != branchFlag && p.flags != leafFlag {
		return nil, w.damaged(id, "is neither branch nor leaf")
	}
	if p.flags == leafFlag && !whole {
		return p, nil
	}
	if p.flags == branchFlag && p.count == 0 {
		return nil, w.damaged(id, "leads nowhere")
	}
	if p.size > w.pageSize {
		if p.body, err = w.read(id, make([]byte, p.size)); err != nil {
			return nil, err
		}
	}
	if err := w.checkKeys(p); err != nil {
		return nil, err
	}
	w.sound.add(p)
	return p, nil
}

// A pageView is a page whose header makes sense.
type pageView struct {
	id    uint64
	flags uint16
	count int
	size  uint64 // in bytes, with what it overflows into
	body  []byte // the first page of it at least; good until the walk goes on
}

func (w *walk) head(id uint64) (*pageView, error) {
	if id < 2 || id >= w.high {
		return nil, w.damaged(id, "does not exist")
	}
	if w.room == nil {
		w.room = make([]byte, w.pageSize)
	}
	b, err := w.read(id, w.room)
	if err != nil {
		return nil, err
	}
	overflow := uint64(binary.NativeEndian.Uint32(b[12:]))
	p := &pageView{
		id: id, flags: binary.NativeEndian.Uint16(b[8:]), count: int(binary.NativeEndian.Uint16(b[10:])),
		size: (1 + overflow) * w.pageSize, body: b,
	}
	if binary.NativeEndian.Uint64(b) != id || id+overflow >= w.high {
		return nil, w.damaged(id, "has a header that cannot be right")
	}
	return p, nil
}

// read fills b from the beginning of a page.
func (w *walk) read(id uint64, b []byte) ([]byte, error) {
	if _, err := w.file.ReadAt(b, int64(id*w.pageSize)); err != nil {
		return nil, w.damaged(id, err.Error())
	}
	return b, nil
}

// checkKeys checks that keys and values lie in the page, and the keys in order.
func (w *walk) checkKeys(p *pageView) error {
	var last []byte
	for i := range p.count {
		key, ok := p.key(i)
		if !ok || i > 0 && bytes.Compare(last, key) >= 0 {
			return w.damaged(p.id, "has elements that cannot be right")
		}
		last = key
	}
	return nil
}

func (p *pageView) key(i int) ([]byte, bool) {
	at := uint64(pageHead + i*element)
	if at+element > p.size {
		return nil, false
	}
	e := p.body[at:]
	pos, ksize, vsize := binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:]), uint32(0)
	if p.flags == leafFlag {
		pos, ksize, vsize = ksize, binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
	}
	from := at + uint64(pos)
	if from+uint64(ksize)+uint64(vsize) > p.size {
		return nil, false
	}
	return p.body[from : from+uint64(ksize)], true
}

// children are the pages below a branch in which keys belong. The first one
// takes also what sorts before it.
func (p *pageView) children(keys [][]byte) []visit {
	if p.flags == leafFlag {
		return nil
	}
	var next []visit
	if keys == nil {
		for i := range p.count {
			next = append(next, visit{page: p.child(i)})
		}
		return next
	}
	for i := 0; len(keys) > 0 && i < p.count; {
		i = p.below(keys[0], i)
		n := len(keys)
		if after, ok := p.key(i + 1); ok && i+1 < p.count {
			n, _ = slices.BinarySearchFunc(keys, after, bytes.Compare)
		}
		next = append(next, visit{p.child(i), keys[:n:n]})
		keys = keys[n:]
		i++
	}
	return next
}

// below is the place, from i on, of the child of a branch that a key belongs in.
func (p *pageView) below(key []byte, i int) int {
	return i + sort.Search(p.count-i-1, func(more int) bool {
		after, ok := p.key(i + more + 1)
		return ok && bytes.Compare(key, after) < 0
	})
}

func (p *pageView) child(i int) uint64 {
	return binary.NativeEndian.Uint64(p.body[pageHead+i*element+8:])
}

func (w *walk) damaged(page uint64, what string) error {
	return &damage{fmt.Errorf("page %d %s", page, what)}
}
