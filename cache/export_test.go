package cache

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func all(Summary) bool { return true }

// export writes a pack of what want chooses and opens it.
func export(t rapid.TB, dir string, s *Store, want func(Summary) bool) *Pack {
	t.Helper()
	f, err := os.CreateTemp(dir, "pack-")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := s.Export(f, want)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPack(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if packed.Digest != p.Digest || packed.Bytes != p.size {
		t.Fatalf("exported %+v, opened %s of %d bytes", packed, p.Digest, p.size)
	}
	return p
}

// contents is what a store holds, by name.
func contents(t rapid.TB, s *Store) map[Ref]Entry {
	t.Helper()
	m := map[Ref]Entry{}
	if err := s.All(func(e *Entry) error { m[e.Ref()] = *e; return nil }); err != nil {
		t.Fatal(err)
	}
	return m
}

// smallEntry draws entries that often have the same name and share long values.
func smallEntry() *rapid.Generator[*Entry] {
	return rapid.Custom(func(t *rapid.T) *Entry {
		e := anyEntry().Draw(t, "entry")
		e.Pack = Digest{}
		long := strings.Repeat("A prompt that others share. ", rapid.IntRange(40, 42).Draw(t, "prompt"))
		e.Fields = Fields{String(TagContent, long), Int(TagSeed, rapid.Int64Range(0, 5).Draw(t, "seed")), Int(TagMaxTokens, rapid.Int64Range(1, 2).Draw(t, "limit"))}
		return e
	})
}

// Any sequence of puts, folds, exports and imports between two stores leaves
// both as two maps would be: what is there stays, what comes says from where.
func TestExportAndImportAgreeWithAMap(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var stores [2]*Store
		oracle := [2]map[Ref]Entry{{}, {}}
		for i := range stores {
			d, err := os.MkdirTemp(dir, "store-")
			if err != nil {
				t.Fatal(err)
			}
			if stores[i], err = Open(d, Options{}); err != nil {
				t.Fatal(err)
			}
			defer stores[i].Close()
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "store")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				e := smallEntry().Draw(t, "entry")
				if _, there := oracle[i][e.Ref()]; there {
					continue // what a store does with a second answer is not the question here
				}
				if err := stores[i].Put(e); err != nil {
					t.Fatal(err)
				}
				oracle[i][e.Ref()] = *e
			case 2:
				if err := stores[i].Fold(); err != nil {
					t.Fatal(err)
				}
			case 3:
				seed := rapid.Int64Range(0, 5).Draw(t, "from seed")
				some := func(e Entry) bool { return e.Fields[1].Int() >= seed }
				p := export(t, dir, stores[i], func(sum Summary) bool { return some(oracle[i][sum.Ref]) })
				defer p.Close()
				got, err := stores[1-i].Import(p)
				want := Imported{}
				for ref, e := range oracle[i] {
					if !some(e) {
						continue
					}
					if _, there := oracle[1-i][ref]; there {
						want.Known++
						continue
					}
					e.Pack = p.Digest
					oracle[1-i][ref] = e
					want.New++
				}
				if err != nil || got != want {
					t.Fatalf("imported %+v, %v, want %+v", got, err, want)
				}
			}
		}
		for i, s := range stores {
			s.recent.Purge()
			if got := contents(t, s); !reflect.DeepEqual(got, oracle[i]) {
				t.Fatalf("store %d holds\n%+v\nwant\n%+v", i, got, oracle[i])
			}
		}
	})
}

func TestEqualAnswersMakeEqualPacks(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, t.TempDir(), Options{}), open(t, t.TempDir(), Options{})
	put(t, a, numberedTo(30)...)
	if err := a.Fold(); err != nil {
		t.Fatal(err)
	}
	p := export(t, dir, a, all)
	defer p.Close()
	if _, err := b.Import(p); err != nil {
		t.Fatal(err)
	}
	q := export(t, dir, b, all) // out of the journal, and imported
	defer q.Close()
	if p.Digest != q.Digest {
		t.Error("the pack of imported answers differs from the one they came in")
	}
}

// A pack that is not as it was written is refused before anything is taken from
// it, wherever it was cut or changed.
func TestADamagedPackIsRefusedWhole(t *testing.T) {
	dir := t.TempDir()
	from, to := open(t, t.TempDir(), Options{}), open(t, t.TempDir(), Options{})
	put(t, from, numberedTo(5)...)
	p := export(t, dir, from, all)
	defer p.Close()
	whole, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, at int, b []byte) {
		path := filepath.Join(dir, "damaged")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := OpenPack(path)
		if err == nil {
			defer p.Close()
			_, err = to.Import(p)
		}
		if !errors.Is(err, ErrNoPack) {
			t.Errorf("%s at %d: %v, want ErrNoPack", what, at, err)
		}
	}
	r := rand.New(rand.NewPCG(3, 3))
	for n := range len(whole) {
		refused("cut", n, whole[:n])
		b := bytes.Clone(whole)
		b[n] ^= 1 << r.IntN(8)
		refused("flipped", n, b)
	}
	refused("longer", len(whole), append(bytes.Clone(whole), 0))
	if got := contents(t, to); len(got) > 0 {
		t.Errorf("%d answers were taken from damaged packs", len(got))
	}
}

// Checksums protect from accidents only. Whoever makes a pack to do harm gets
// no answer in under another request's key, and no memory.
func TestAForgedAnswerIsRefused(t *testing.T) {
	entry := func(e *Entry) frame {
		body, err := encodeEntry(e, e.Fields.parts())
		if err != nil {
			t.Fatal(err)
		}
		return frame{frameEntry, e.Ref().name(), body}
	}
	good, other := numbered(1), numbered(2)
	prompt := Digest([]byte(good.Fields.parts()[2].value))
	blob := frame{frameBlob, prompt.name(), plain(nil, []byte(longPrompt))}
	moved := entry(other)
	moved.name = good.Ref().name()
	bomb := entry(good)
	bomb.body = append([]byte{entryFormat}, appendCount([]byte{packedZstd}, maxForeign+1)...)
	liar := entry(good)
	liar.body = encoder().EncodeAll(make([]byte, maxForeign), append([]byte{entryFormat}, appendCount([]byte{packedZstd}, 10)...))
	reworded := frame{frameBlob, prompt.name(), plain(nil, []byte(strings.ToUpper(longPrompt)))}
	for what, frames := range map[string][]frame{
		"filed under another key":       {moved, blob},
		"without its long value":        {entry(good)},
		"with another long value":       {entry(good), reworded},
		"that claims to be huge":        {bomb, blob},
		"that is larger than it claims": {liar, blob},
		"that is noise":                 {{frameEntry, good.Ref().name(), []byte("noise")}, blob},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "forged")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			w := newPackWriter(f)
			for _, one := range frames {
				w.add(one)
			}
			if _, err := w.close(); errors.Join(err, f.Close()) != nil {
				t.Fatal(err)
			}
			p, err := OpenPack(path)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			s := open(t, t.TempDir(), Options{})
			got, err := s.Import(p)
			if err != nil || got.Refused != 1 || got.New != 0 || got.Why == nil {
				t.Errorf("import: %+v, %v, want one refusal", got, err)
			}
			if ok, _ := s.Has(good.Key(), good.Limit()); ok {
				t.Error("the forged answer is in the store")
			}
		})
	}
}

func FuzzPack(f *testing.F) {
	f.Add([]byte(packHead))
	dir := f.TempDir()
	s := open(f, filepath.Join(dir, "store"), Options{})
	put(f, s, numberedTo(2)...)
	p := export(f, dir, s, all)
	defer p.Close()
	b, err := os.ReadFile(p.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	path := filepath.Join(dir, "fuzzed")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := OpenPack(path)
		if err != nil {
			return
		}
		defer p.Close()
		for i := range p.count() {
			if e, err := p.entry(i); err == nil && e.Ref() != nameOf(p.at(i)).ref() {
				t.Errorf("frame %d is an answer to another request", i)
			}
		}
	})
}

func nameOf(_ frameKind, n name) name { return n }
