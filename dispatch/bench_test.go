package dispatch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/provider"
)

// benchPrompt is the shared system prompt of an ordinary identity, 8 KB.
var benchPrompt = strings.Repeat("You answer plainly, \"as you are\", and say what you do not know.\n", 128)

// benchServer answers like a model that takes latency, with 1.3 KB.
func benchServer(b *testing.B, latency time.Duration) *httptest.Server {
	reply := []byte(completion(strings.Repeat("I look after what people leave behind. ", 28)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(reply)
	}))
	b.Cleanup(s.Close)
	return s
}

// BenchmarkDispatch asks, with the cache on, over real HTTP, and beside it in the same run does the
// same with a bare loop over the same transport: a finished body out, the reply read and thrown away.
// Both have the same number of requests on the wire. A build has more records under way than that, so
// that the wire does not wait for the disk: "build" has twice as many callers as workers, "alone"
// exactly as many. It reports the median of five pairs: "of-bare" is the dispatcher's rate over the
// bare loop's, "of-ideal" over workers/latency.
func BenchmarkDispatch(b *testing.B) {
	for _, bm := range []struct {
		workers int
		latency time.Duration
		rounds  int // requests per worker
		name    string
		callers int // per worker
	}{
		{50, 100 * time.Millisecond, 20, "build", 2},
		{50, 100 * time.Millisecond, 20, "alone", 1},
		{500, 100 * time.Millisecond, 20, "build", 2},
		{500, 100 * time.Millisecond, 20, "alone", 1},
		{2000, time.Second, 4, "build", 2},
		{2000, time.Second, 4, "alone", 1},
	} {
		b.Run(fmt.Sprintf("%dx%s/%s", bm.workers, bm.latency, bm.name), func(b *testing.B) {
			s := benchServer(b, bm.latency)
			d, m := benchDispatcher(b, bm.workers, s.URL)
			bare := newBare(b, bm.workers, s.URL)
			callers, rounds := bm.workers*bm.callers, bm.rounds/bm.callers
			bare.run(b, bm.workers, 2)
			runDispatch(b, d, m, bm.workers, 2)
			var ofBare, ofIdeal, bareOfIdeal, cpu []float64
			ideal := bm.latency * time.Duration(bm.rounds)
			for b.Loop() {
				for range 5 {
					cpuBare, cpuOurs := processTime(), time.Duration(0)
					slow := bare.run(b, bm.workers, bm.rounds)
					cpuBare, cpuOurs = processTime()-cpuBare, processTime()
					ours := runDispatch(b, d, m, callers, rounds)
					cpuOurs = processTime() - cpuOurs
					ofBare = append(ofBare, slow.Seconds()/ours.Seconds())
					ofIdeal = append(ofIdeal, ideal.Seconds()/ours.Seconds())
					bareOfIdeal = append(bareOfIdeal, ideal.Seconds()/slow.Seconds())
					cpu = append(cpu, cpuOurs.Seconds()/max(cpuBare.Seconds(), 1e-9))
				}
			}
			b.ReportMetric(median(ofBare), "of-bare")
			b.ReportMetric(median(ofIdeal), "of-ideal")
			b.ReportMetric(median(bareOfIdeal), "bare-of-ideal")
			b.ReportMetric(median(cpu), "cpu-of-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

func benchDispatcher(b *testing.B, workers int, url string) (*Dispatcher, *Model) {
	store, err := cache.Open(filepath.Join(b.TempDir(), ".isf"), cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	d, err := New(Options{Store: store, Workers: workers, Getenv: os.Getenv})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close(); store.Close() })
	return d, &Model{Provider: "local", ID: "bench", BaseURLs: []string{url + "/v1"}, SysPrompt: benchPrompt}
}

// asked makes every question of a benchmark a new one.
var asked int

func runDispatch(b *testing.B, d *Dispatcher, m *Model, callers, rounds int) time.Duration {
	first := asked
	asked += callers * rounds
	var tally Tally
	return together(callers, func(caller int) {
		for i := range rounds {
			text := fmt.Sprintf("Question %d: who are you?", first+caller*rounds+i)
			if _, err := d.Ask(context.Background(), &Request{Model: m, Messages: user(text), Tally: &tally}); err != nil {
				b.Error(err)
			}
		}
	})
}

// together runs fn for every caller at once, and says how long all of them took.
func together(callers int, fn func(caller int)) time.Duration {
	runtime.GC()
	start := time.Now()
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() { fn(caller) })
	}
	wg.Wait()
	return time.Since(start)
}

// bare is the loop to compare with.
type bare struct {
	client *http.Client
	url    string
	body   []byte
}

func newBare(b *testing.B, callers int, url string) *bare {
	t := newTransport(callers)
	b.Cleanup(t.CloseIdleConnections)
	r := &Request{Model: &Model{Provider: "local", ID: "bench", SysPrompt: benchPrompt}, Messages: user("Question 1: who are you?")}
	fs, err := r.Fields()
	if err != nil {
		b.Fatal(err)
	}
	body, err := Body(provider.Row{}, fs)
	if err != nil {
		b.Fatal(err)
	}
	return &bare{client: &http.Client{Transport: t}, url: url + "/v1/chat/completions", body: body}
}

func (x *bare) run(b *testing.B, callers, rounds int) time.Duration {
	return together(callers, func(int) {
		for range rounds {
			res, err := x.client.Post(x.url, "application/json", bytes.NewReader(x.body))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}

func BenchmarkBody(b *testing.B) {
	fs, err := (&Request{Model: &Model{Provider: "sim", ID: "m", SysPrompt: benchPrompt}, Messages: user("Who are you?")}).Fields()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	shared := newPrompts()
	for b.Loop() {
		if _, err := bodyPieces(provider.Row{}, fs, shared); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadReply(b *testing.B) {
	raw := []byte(completion(strings.Repeat("I look after what people leave behind. ", 28)))
	b.ReportAllocs()
	for b.Loop() {
		if _, no := readReply(raw); no != nil {
			b.Fatal(no)
		}
	}
}
