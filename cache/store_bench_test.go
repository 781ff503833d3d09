package cache

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

// million is how many answers the large store of the benchmarks has.
const million = 1_000_000

// benchEntry is the i-th answer of the large store: a 12 KB prompt that all
// share, a short question, 80 words.
func benchEntry(i int) *Entry {
	e := answer(Fields{
		String(TagOrigin, "openrouter/z-ai/glm-4.6"), String(TagRole, "system"), String(TagContent, benchPrompt),
		String(TagRole, "user"), String(TagContent, fmt.Sprint("Question ", i)), Float(TagTemperature, 0.7), Int(TagMaxTokens, 8192),
	}, benchWords(uint64(i), 80))
	return e
}

func benchWords(seed uint64, n int) string {
	r, b := rand.New(rand.NewPCG(seed, 6)), make([]byte, 0, 6*n)
	for range n {
		for range 2 + r.IntN(6) {
			b = append(b, "etaoinshrdlu"[r.IntN(12)])
		}
		b = append(b, ' ')
	}
	return string(b)
}

// largeStore is the folder of a store of a million answers. Making it takes
// minutes, so it is kept in $ISF_BENCH_DIR.
func largeStore(b *testing.B) string {
	b.Helper()
	base := os.Getenv("ISF_BENCH_DIR")
	if base == "" {
		b.Skip("ISF_BENCH_DIR names no folder to keep a store of a million answers in")
	}
	dir := filepath.Join(base, "million")
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return dir
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	const group = 20_000
	for from := 0; from < million; from += group {
		parallel(b, 100, group, func(i int) error { return s.Put(benchEntry(from + i)) })
		if err := s.Fold(); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("made and folded %d answers in %s", million, time.Since(began))
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "complete"), nil, 0o600); err != nil {
		b.Fatal(err)
	}
	return dir
}

// parallel calls fn with 0 to n-1 from so many callers.
func parallel(b *testing.B, callers, n int, fn func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := fn(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// fresh counts answers that no benchmark has stored yet.
var fresh atomic.Int64

// BenchmarkPut acknowledges durable answers, folding them meanwhile.
func BenchmarkPut(b *testing.B) {
	for _, size := range []string{"empty", "million"} {
		for _, callers := range []int{50, 500} {
			b.Run(fmt.Sprintf("store=%s/callers=%d", size, callers), func(b *testing.B) {
				dir := b.TempDir()
				if size == "million" {
					dir = largeStore(b)
				}
				s := open(b, dir, Options{})
				base := million + int(fresh.Add(int64(b.N))) - b.N + int(time.Now().UnixNano())
				b.ResetTimer()
				parallel(b, callers, b.N, func(i int) error { return s.Put(benchEntry(base + i)) })
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
				b.StopTimer()
				if err := s.Fold(); err != nil { // leaves nothing to the next one
					b.Fatal(err)
				}
			})
		}
	}
}

// BenchmarkPutNaive is what comes to mind first: a transaction of bbolt for each
// answer, or its own batching of them.
func BenchmarkPutNaive(b *testing.B) {
	for name, update := range map[string]func(*bolt.DB, func(*bolt.Tx) error) error{"Update": (*bolt.DB).Update, "Batch": (*bolt.DB).Batch} {
		for _, callers := range []int{50, 500} {
			b.Run(fmt.Sprintf("db.%s/callers=%d", name, callers), func(b *testing.B) {
				db, err := bolt.Open(filepath.Join(b.TempDir(), "naive.db"), 0o600, nil)
				if err != nil {
					b.Fatal(err)
				}
				defer db.Close()
				b.ResetTimer()
				parallel(b, callers, b.N, func(i int) error {
					e := benchEntry(i)
					body, err := encodeEntry(e, e.Fields.parts())
					if err != nil {
						return err
					}
					n := e.Ref().name()
					return update(db, func(tx *bolt.Tx) error {
						bucket, err := tx.CreateBucketIfNotExists(entriesBucket)
						if err != nil {
							return err
						}
						return bucket.Put(n[:], body)
					})
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
			})
		}
	}
}

// BenchmarkGet reads random answers of a million, with the prompts that they
// share.
func BenchmarkGet(b *testing.B) {
	s := open(b, largeStore(b), Options{ReadOnly: true})
	keys := make([]Key, 20_000)
	for i := range keys {
		keys[i] = benchEntry(rand.IntN(million)).Key()
	}
	b.Run("decoded", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, err := s.Get(keys[i%len(keys)], 8192); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "gets/s")
	})
	b.Run("naive-bbolt-bytes", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			n := Ref{keys[i%len(keys)], 8192}.name()
			if err := s.db.db.View(func(tx *bolt.Tx) error {
				if tx.Bucket(entriesBucket).Get(n[:]) == nil {
					b.Fatal("missing")
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "gets/s")
	})
}

// BenchmarkDoHit replays requests of 16 KB, 12 KB of them shared, each with an
// answer of 250 words, in parallel.
func BenchmarkDoHit(b *testing.B) {
	s := open(b, b.TempDir(), Options{})
	requests := make([]Fields, 10_000)
	parallel(b, 100, len(requests), func(i int) error {
		e := benchReply(uint64(i))
		requests[i] = e.Fields
		return s.Put(e)
	})
	if err := s.Fold(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	parallel(b, 50, b.N, func(i int) error {
		_, _, err := s.Do(b.Context(), b.Context(), requests[i%len(requests)], nil)
		return err
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hits/s")
}

// BenchmarkOpen opens, asks once, and closes.
func BenchmarkOpen(b *testing.B) {
	dir := largeStore(b)
	for b.Loop() {
		s, err := Open(dir, Options{ReadOnly: true})
		if err != nil {
			b.Fatal(err)
		}
		if ok, err := s.Has(benchEntry(7).Key(), 8192); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan reads a journal that somebody left, into the index.
func BenchmarkScan(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir, Options{})
	const n = 100_000
	parallel(b, 100, n, func(i int) error { return s.journal.write(framesOf(b, benchEntry(i))) })
	for b.Loop() {
		r, err := Open(dir, Options{ReadOnly: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

func framesOf(b testing.TB, e *Entry) []framed {
	b.Helper()
	body, err := encodeEntry(e, e.Fields.parts())
	if err != nil {
		b.Fatal(err)
	}
	n := e.Ref().name()
	return []framed{{frameEntry, n, frame{frameEntry, n, body}.append(nil)}}
}
