package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("ISF_TEST_CHILD") != "" {
		child()
		return
	}
	if dir := os.Getenv("ISF_TEST_COMPACT"); dir != "" {
		compactor(dir)
	}
	goleak.VerifyTestMain(m)
}

// open opens a store that is closed at the end of the test.
func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t testing.TB, s *Store, es ...*Entry) {
	t.Helper()
	for _, e := range es {
		if err := s.Put(e); err != nil {
			t.Fatal(err)
		}
	}
}

// putTogether stores answers side by side, so that they share syncs: one after
// the other, these are most of what a test takes.
func putTogether(t testing.TB, s *Store, es ...*Entry) {
	t.Helper()
	var all sync.WaitGroup
	for _, e := range es {
		all.Go(func() {
			if err := s.Put(e); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

var longPrompt = strings.Repeat("You are Keeper, who tends the light. ", 60)

// numbered is the i-th of many answers, which share a long prompt.
func numbered(i int) *Entry {
	return answer(Fields{
		String(TagOrigin, "sim/judge"), String(TagRole, "system"), String(TagContent, longPrompt),
		String(TagRole, "user"), String(TagContent, fmt.Sprint("Question ", i)), Int(TagMaxTokens, 100),
	}, fmt.Sprint("Answer ", i))
}

func numberedTo(n int) []*Entry {
	es := make([]*Entry, n)
	for i := range es {
		es[i] = numbered(i)
	}
	return es
}

func wantAll(t testing.TB, s *Store, es []*Entry) {
	t.Helper()
	for _, want := range es {
		got, err := s.Get(want.Key(), want.Limit())
		if err != nil {
			t.Fatalf("%s: %v", want.Text, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
	}
}

func TestAnAnswerIsThereAtEveryStage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	es := numberedTo(20)
	if _, err := s.Get(es[0].Key(), 100); !errors.Is(err, ErrMiss) {
		t.Fatalf("an empty store answers %v, want ErrMiss", err)
	}
	put(t, s, es...)
	wantAll(t, s, es) // from the journal
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if n, segments := s.journal.waiting(); n != 0 || segments != 0 {
		t.Errorf("after a fold %d frames wait in %d segments", n, segments)
	}
	s.recent.Purge()
	s.blobs.Purge()
	wantAll(t, s, es) // from cache.db
	wantAll(t, s, es) // from memory
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "journal", "*")); len(left) != 0 {
		t.Errorf("after Close these are left: %v", left)
	}
	wantAll(t, open(t, dir, Options{ReadOnly: true}), es) // in another process
}

func TestALongPromptIsKeptOnce(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	var wg sync.WaitGroup
	for _, e := range numberedTo(200) {
		wg.Go(func() {
			if err := s.Put(e); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, _ := s.journal.waiting(); n != 201 {
		t.Errorf("200 answers with one prompt are %d frames, want 201", n)
	}
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	put(t, s, numbered(200))
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.Entries != 200 || st.Blobs != 1 || st.Pending != 1 || st.Journals != 1 || st.Bytes == 0 {
		t.Errorf("stats %+v", st)
	}
	if n, _ := s.journal.waiting(); n != 1 {
		t.Errorf("a folded prompt was written again: %d frames", n)
	}
}

// variant is an answer to one and the same request, sent with a limit.
func variant(limit int64, finish string, tokens int64) *Entry {
	fs := Fields{String(TagRole, "user"), String(TagContent, "Tell me")}
	if limit != 0 {
		fs = append(fs, Int(TagMaxTokens, limit))
	}
	e := answer(fs, fmt.Sprint(limit, finish, tokens))
	e.Finish, e.Usage = finish, Usage{Known: tokens >= 0, Completion: max(tokens, 0)}
	return e
}

func TestWhichVariantIsAHit(t *testing.T) {
	complete := func(limit, tokens int64) *Entry { return variant(limit, "stop", tokens) }
	truncated := func(limit int64) *Entry { return variant(limit, "length", limit) }
	tests := []struct {
		name   string
		stored []*Entry
		limit  int64
		want   *Entry // nil for a miss
	}{
		{"the same limit", []*Entry{complete(100, 50)}, 100, complete(100, 50)},
		{"fits a smaller limit", []*Entry{complete(100, 50)}, 50, complete(100, 50)},
		{"does not fit", []*Entry{complete(100, 51)}, 50, nil},
		{"any complete one fits no limit", []*Entry{complete(100, 50)}, 0, complete(100, 50)},
		{"sent without a limit, fits", []*Entry{complete(0, 50)}, 60, complete(0, 50)},
		{"unknown usage, complete with less", []*Entry{complete(100, -1)}, 200, complete(100, -1)},
		{"unknown usage, sent with more", []*Entry{complete(100, -1)}, 50, nil},
		{"unknown usage, sent without a limit", []*Entry{complete(0, -1)}, 50, nil},
		{"unknown usage, the same limit", []*Entry{complete(100, -1)}, 100, complete(100, -1)},
		{"truncated, the same limit", []*Entry{truncated(100)}, 100, truncated(100)},
		{"truncated, a larger limit", []*Entry{truncated(100)}, 200, nil},
		{"truncated, a smaller limit", []*Entry{truncated(100)}, 50, nil},
		{"complete before truncated", []*Entry{truncated(100), complete(200, 80)}, 100, complete(200, 80)},
		{"the exact one before others", []*Entry{complete(0, 10), complete(50, 10), complete(100, 90), complete(200, 10)}, 100, complete(100, 90)},
		{"else the smallest that fits", []*Entry{complete(0, 10), complete(200, 70), complete(60, 55), complete(50, 20)}, 55, complete(50, 20)},
		{"no limit is the largest", []*Entry{complete(0, 10), complete(200, 70)}, 100, complete(200, 70)},
		{"counts more tokens than its own limit", []*Entry{complete(100, 150)}, 100, complete(100, 150)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir(), Options{})
			for _, folded := range []bool{false, true} {
				if !folded {
					put(t, s, tt.stored...)
				} else if err := s.Fold(); err != nil {
					t.Fatal(err)
				}
				s.recent.Purge()
				got, err := s.Get(variant(0, "", 0).Key(), tt.limit)
				switch {
				case tt.want == nil && !errors.Is(err, ErrMiss):
					t.Errorf("folded %t: got %v, %v, want a miss", folded, got, err)
				case tt.want != nil && (err != nil || got.Text != tt.want.Text):
					t.Errorf("folded %t: got %v, %v, want %s", folded, got, err, tt.want.Text)
				}
			}
		})
	}
}

func TestLookupFindsExactlyOneVariant(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	e := variant(100, "stop", 10)
	put(t, s, e)
	if got, err := s.Lookup(e.Ref()); err != nil || got.Text != e.Text {
		t.Errorf("Lookup = %v, %v", got, err)
	}
	if _, err := s.Lookup(Ref{e.Key(), 50}); !errors.Is(err, ErrMiss) {
		t.Errorf("Lookup of another limit: %v, want ErrMiss", err)
	}
	if ok, err := s.Has(e.Key(), 50); !ok || err != nil {
		t.Errorf("Has = %t, %v", ok, err)
	}
	if ok, err := s.Has(e.Key(), 5); ok || err != nil {
		t.Errorf("Has = %t, %v, want nothing", ok, err)
	}
}

func TestTheFirstAnswerInTheDatabaseStays(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, Options{}), open(t, dir, Options{})
	first, second := variant(100, "stop", 10), variant(100, "stop", 20)
	put(t, a, first)
	put(t, b, second)
	for _, s := range []*Store{a, b} {
		if err := s.Fold(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := open(t, dir, Options{}).Get(first.Key(), 100)
	if err != nil || got.Text != first.Text {
		t.Errorf("got %v, %v, want the answer that was folded first", got, err)
	}
}

// Two processes that run at once see what the other has got.
func TestAMissLooksAtOtherJournals(t *testing.T) {
	dir, now := t.TempDir(), time.Unix(1_700_000_000, 0)
	a := open(t, dir, Options{Now: func() time.Time { return now }})
	b := open(t, dir, Options{})
	es := numberedTo(3)
	for i, e := range es {
		put(t, b, e)
		if _, err := a.Get(e.Key(), 100); !errors.Is(err, ErrMiss) {
			t.Fatalf("%d: looked at journals twice in a second: %v", i, err)
		}
		now = now.Add(lookEvery)
		wantAll(t, a, es[:i+1])
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, a, es)
}

// While others hold cache.db nobody folds, and nobody notices.
func TestAFoldWaitsForNobody(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	put(t, s, numberedTo(5)...)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	reader := open(t, dir, Options{ReadOnly: true})
	put(t, s, numbered(5))
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if n, _ := s.journal.waiting(); n != 1 {
		t.Errorf("%d frames wait, want 1", n)
	}
	wantAll(t, s, numberedTo(6))
	wantAll(t, reader, numberedTo(5))
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	if n, _ := s.journal.waiting(); n != 0 {
		t.Errorf("%d frames wait, want none", n)
	}
	wantAll(t, s, numberedTo(6))
}

func TestAllVisitsEveryAnswerOnce(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	es := numberedTo(3 * page)
	put(t, s, es[:2*page]...)
	if err := s.Fold(); err != nil {
		t.Fatal(err)
	}
	put(t, s, es[2*page:]...)
	seen := map[string]int{}
	err := s.All(func(e *Entry) error {
		if len(seen) == 10 {
			if err := s.Fold(); err != nil { // moves the rest under its hands
				return err
			}
		}
		seen[e.Text]++
		return nil
	})
	if err != nil || len(seen) != len(es) {
		t.Fatalf("visited %d of %d, %v", len(seen), len(es), err)
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("%s was visited %d times", text, n)
		}
	}
	stop := errors.New("enough")
	if err := s.All(func(*Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("All = %v, want the caller's error", err)
	}
}

func TestAReadOnlyStoreChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	s := open(t, dir, Options{ReadOnly: true})
	if _, err := s.Get(Key{}, 0); !errors.Is(err, ErrMiss) {
		t.Errorf("Get = %v", err)
	}
	if err := s.Put(numbered(1)); !errors.Is(err, errReadOnly) {
		t.Errorf("Put = %v, want %v", err, errReadOnly)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made: %v", err)
	}
}

func TestTheFolderIsPrivateAndLazy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".isf")
	s := open(t, dir, Options{})
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v, want 0700", info.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("opening made %v", left)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(numbered(1)); !errors.Is(err, errClosed) {
		t.Errorf("Put after Close = %v", err)
	}
	if _, err := s.Get(numbered(1).Key(), 100); !errors.Is(err, errClosed) {
		t.Errorf("Get after Close = %v", err)
	}
}

func TestAFolderThatCannotBeWrittenIsOneSentence(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "the cache cannot be read: ") {
		t.Errorf("Open = %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "journal")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, Options{})
	if err := os.WriteFile(filepath.Join(dir, "journal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err = s.Put(numbered(1))
	if err == nil || !strings.HasPrefix(err.Error(), "the cache cannot be written: ") {
		t.Errorf("Put = %v", err)
	}
}
