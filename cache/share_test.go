package cache

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// publish puts a pack of some answers into a share.
func publish(t *testing.T, dir string, es ...*Entry) Digest {
	t.Helper()
	s := open(t, t.TempDir(), Options{})
	put(t, s, es...)
	p := export(t, dir, s, all)
	if err := errors.Join(p.Close(), os.Rename(p.path, p.path+PackSuffix)); err != nil {
		t.Fatal(err)
	}
	return p.Digest
}

func TestAMissIsLookedForInTheShareAndKept(t *testing.T) {
	share, dir := t.TempDir(), t.TempDir()
	p := publish(t, share, numberedTo(5)...)
	s := open(t, dir, Options{Share: share})
	for i := range 5 {
		e, err := s.Get(numbered(i).Key(), 100)
		if err != nil || e.Text != numbered(i).Text || e.Pack != p {
			t.Fatalf("answer %d out of the share is %+v, %v", i, e, err)
		}
	}
	if _, err := s.Get(numbered(6).Key(), 100); !errors.Is(err, ErrMiss) {
		t.Errorf("an answer nobody gave: %v, want ErrMiss", err)
	}
	if !s.Shared(numbered(1).Ref()) || s.Shared(numbered(6).Ref()) {
		t.Error("Shared does not know what is in the share")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	alone := open(t, dir, Options{}) // the share may be gone tomorrow
	if got := contents(t, alone); len(got) != 5 {
		t.Errorf("%d answers were kept, want 5", len(got))
	}
}

// The rule of Get holds over packs too: a complete answer that fits comes before
// a truncated one.
func TestVariantsInSeveralPacksAreOneList(t *testing.T) {
	share := t.TempDir()
	cutOff, whole := *numbered(1), *numbered(1)
	cutOff.Finish, cutOff.Usage = "length", Usage{Known: true, Completion: 100}
	whole.Fields = append(Fields{}, whole.Fields...)
	whole.Fields[len(whole.Fields)-1] = Int(TagMaxTokens, 500)
	whole.Finish, whole.Usage = "stop", Usage{Known: true, Completion: 90}
	publish(t, share, &cutOff)
	publish(t, share, &whole)
	s := open(t, t.TempDir(), Options{Share: share, ReadOnly: true})
	if e, err := s.Get(cutOff.Key(), 100); err != nil || e.Limit() != 500 {
		t.Errorf("got %+v, %v, want the complete answer", e, err)
	}
	if e, err := s.Get(cutOff.Key(), 80); !errors.Is(err, ErrMiss) {
		t.Errorf("with a smaller limit: %+v, %v, want ErrMiss", e, err)
	}
}

func TestWhatIsWrongWithAShareIsToldOnceAndIsAMiss(t *testing.T) {
	share, told := t.TempDir(), []string{}
	now := time.Now()
	publish(t, share, numbered(1))
	if err := os.WriteFile(filepath.Join(share, "half"+PackSuffix), []byte(packHead), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir(), Options{Share: share, Warn: func(w string) { told = append(told, w) }, Now: func() time.Time { return now }})
	for range 3 {
		if _, err := s.Get(numbered(2).Key(), 100); !errors.Is(err, ErrMiss) {
			t.Errorf("got %v, want ErrMiss", err)
		}
		now = now.Add(time.Minute)
	}
	once := len(told) == 1
	if _, err := s.Get(numbered(1).Key(), 100); err != nil || !once {
		t.Errorf("the whole pack: %v; told %q, want one sentence", err, told)
	}
	publish(t, share, numbered(2)) // others go on publishing
	now = now.Add(time.Minute)
	if _, err := s.Get(numbered(2).Key(), 100); err != nil {
		t.Errorf("published meanwhile: %v", err)
	}
	gone := open(t, t.TempDir(), Options{Share: filepath.Join(share, "not", "there"), Warn: func(w string) { told = append(told, w) }})
	if _, err := gone.Get(numbered(1).Key(), 100); !errors.Is(err, ErrMiss) || len(told) != 2 {
		t.Errorf("a share that is not mounted: %v, told %q", err, told)
	}
}
