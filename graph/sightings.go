package graph

import (
	"os"
	"path/filepath"
	"sync"
)

// sightings are what a snapshot has seen: each file and each tree is looked at
// once, by the first goroutine that asks; others wait for it.
type sightings struct {
	mu      sync.Mutex
	files   map[string]*sighting[entry]
	trees   map[string]*sighting[tree]
	folders map[string]*os.Root // nil for a folder that could not be opened
}

type sighting[T any] struct {
	once sync.Once
	got  T
	err  error
}

// maxFolders bounds the folders held open, well below any limit on open files.
const maxFolders = 100

func newSightings() *sightings {
	return &sightings{
		files:   make(map[string]*sighting[entry]),
		trees:   make(map[string]*sighting[tree]),
		folders: make(map[string]*os.Root),
	}
}

func (s *sightings) file(name string, look func(string) (entry, error)) (entry, error) {
	return see(s, s.files, name, look)
}

func (s *sightings) tree(name string, look func(string) (tree, error)) (tree, error) {
	return see(s, s.trees, name, look)
}

func see[T any](s *sightings, in map[string]*sighting[T], name string, look func(string) (T, error)) (T, error) {
	s.mu.Lock()
	g := in[name]
	if g == nil {
		g = new(sighting[T])
		in[name] = g
	}
	s.mu.Unlock()
	g.once.Do(func() { g.got, g.err = look(name) })
	return g.got, g.err
}

// folder returns an open folder, or nil if it cannot be opened by this name.
// It may be closed at any time, to make room for others.
func (s *sightings) folder(root *os.Root, dir string) *os.Root {
	if dir == "" {
		return root
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.folders[dir]
	if ok {
		return f
	}
	if len(s.folders) >= maxFolders {
		s.closeFolders()
	}
	f, _ = root.OpenRoot(filepath.FromSlash(dir)) // asking by the root says why it cannot
	s.folders[dir] = f
	return f
}

// forgetFolders closes the open folders. What was seen stays known.
func (s *sightings) forgetFolders() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeFolders()
}

func (s *sightings) closeFolders() {
	for _, f := range s.folders {
		if f != nil {
			f.Close()
		}
	}
	clear(s.folders)
}
