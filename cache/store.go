package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	bolt "go.etcd.io/bbolt"
)

// ErrMiss says that the store holds no answer to a request.
var ErrMiss = errors.New("the answer is not in the cache")

// ErrFull says that the disk has no space for another answer. It wraps what the
// system said.
var ErrFull = errors.New("no space is left for the cache")

// Options of a Store. The zero value is right for a build.
type Options struct {
	ReadOnly bool             // change nothing on disk
	Recent   int              // how many decoded entries stay in memory; 0 for the default
	Now      func() time.Time // replaced in tests
	Share    string           // a folder of packs to look in for what is missing; "" for none
	Warn     func(string)     // is told, in a sentence, what was repaired or could not be; may be nil
}

const (
	defaultRecent = 256
	recentBlobs   = 256     // prompts that a build has in use, each up to maxMemo long
	knownBlobs    = 4 << 10 // digests only
)

// lookEvery is how often a miss looks for answers that other processes have got
// since.
const lookEvery = time.Second

// A Store is the cache of a project. Its methods may be called from many
// goroutines, and several processes may share its folder.
type Store struct {
	dir string
	o   Options

	db      *database
	journal *journal
	share   *share // nil: none

	recent *lru.Cache[Ref, *Entry]
	blobs  *lru.Cache[Digest, string]
	known  *lru.Cache[Digest, struct{}] // blobs that are durable

	looked  atomic.Int64 // when others' journals were last read
	looks   atomic.Int64 // how often lookNow did
	looking sync.Mutex
	leases  leases

	intake  *intake
	wake    chan struct{} // there may be something to fold
	stop    chan struct{}
	starts  sync.Once // starts the goroutines, when something is to be written
	ends    sync.Once
	running sync.WaitGroup

	mostWaiting int           // frames of this process; lower in tests
	folding     sync.Mutex    // held for one batch
	ceiling     atomic.Int64  // of those that wait, as things are now
	tried       chan struct{} // holds a token once another one was tried
	written     atomic.Int64  // frames of this process

	warned sync.Map // sentences that have been said

	flights flights
}

// Open opens the cache in dir, the folder .isf of a project.
func Open(dir string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Recent <= 0 {
		o.Recent = defaultRecent
	}
	if !o.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("the cache cannot be opened: %w", err)
		}
	}
	s := newStore(dir, o)
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newStore(dir string, o Options) *Store {
	s := &Store{
		dir: dir, o: o,
		db:      &database{path: filepath.Join(dir, "cache.db"), strict: !o.ReadOnly},
		journal: newJournal(filepath.Join(dir, "journal")),
		leases:  leases{dir: filepath.Join(dir, "leases")},
		intake:  newIntake(), wake: make(chan struct{}, 1), stop: make(chan struct{}),
		mostWaiting: mostWaiting, tried: make(chan struct{}, 1),
	}
	if o.Share != "" {
		s.share = &share{dir: o.Share}
	}
	s.ceiling.Store(mostWaiting)
	// New fails only for sizes below 1.
	s.recent, _ = lru.New[Ref, *Entry](o.Recent)
	s.blobs, _ = lru.New[Digest, string](recentBlobs)
	s.known, _ = lru.New[Digest, struct{}](knownBlobs)
	return s
}

// load opens cache.db before it looks at journals: while it is open nobody can
// fold, so that every answer is in one of the two places.
func (s *Store) load() error {
	if err := s.openDB(); err != nil {
		return err
	}
	if err := s.look(); err != nil {
		return err
	}
	if !s.o.ReadOnly && len(s.journal.theirs) > 0 {
		s.start()
		s.wakeFold()
	}
	return nil
}

// openDB opens cache.db, unless it is open or not there, and repairs it.
func (s *Store) openDB() error {
	s.db.mu.Lock()
	err := s.db.openShared()
	age := s.db.age
	s.db.mu.Unlock()
	if isDamage(err) {
		return s.repair(err, age)
	}
	if err != nil {
		return fmt.Errorf("the cache cannot be opened: %w", err)
	}
	return nil
}

// look finds the answers that other processes have got.
func (s *Store) look() error {
	s.looked.Store(s.o.Now().UnixNano())
	return s.journal.look(s.openDB)
}

// lookAgain looks if it is time to, and says whether it did.
func (s *Store) lookAgain() (bool, error) {
	last := s.looked.Load()
	now := s.o.Now().UnixNano()
	if now-last < int64(lookEvery) || !s.looked.CompareAndSwap(last, now) {
		return false, nil
	}
	return true, s.journal.look(s.openDB)
}

// errRepaired says that what was looked for may be in the journal now.
var errRepaired = errors.New("cache.db was repaired meanwhile")

// view reads from cache.db. If that is damaged it is repaired, and whoever is
// reading has to begin again: see again.
func (s *Store) view(fn func(*bolt.Tx) error) error { return s.mend(s.db.view(fn)) }

// search is view for those who look something up.
func (s *Store) search(fn func(*snapshot) error) error { return s.mend(s.db.search(fn)) }

func (s *Store) mend(age int, err error) error {
	if !isDamage(err) {
		return err
	}
	if err := s.repair(err, age); err != nil {
		return err
	}
	return errRepaired
}

// again calls read until nothing is repaired under its hands. What stays damaged
// reads as a miss.
func again(read func() error) error {
	for range 3 {
		if err := read(); !errors.Is(err, errRepaired) {
			return err
		}
	}
	return nil
}

// start starts the goroutines that write. Close waits for them.
func (s *Store) start() {
	s.starts.Do(func() {
		s.running.Add(2)
		go s.commitLoop()
		go s.foldLoop()
	})
}

// Close folds what it may without making anybody wait, and releases the store.
// Puts that have not returned yet fail.
func (s *Store) Close() error {
	var err error
	s.ends.Do(func() {
		close(s.stop)
		s.starts.Do(func() {}) // nothing starts from here on
		s.running.Wait()
		s.intake.close()
		s.foldLast()
		s.leases.close()
		err = errors.Join(s.journal.close(), s.share.close())
		s.db.close()
	})
	return err
}

func (s *Store) closed() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// warn says a sentence once.
func (s *Store) warn(sentence string) {
	if _, said := s.warned.LoadOrStore(sentence, true); !said && s.o.Warn != nil {
		s.o.Warn(sentence)
	}
}
