package dispatch

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/internal/provider"
)

// benchPrompt is the shared system prompt of an ordinary identity, 8 KB.
var benchPrompt = strings.Repeat("You answer plainly, \"as you are\", and say what you do not know.\n", 128)

// A wire is how requests travel.
type benchWire string

const (
	plainHTTP benchWire = "http"
	tlsHTTP1  benchWire = "tls"
	tlsHTTP2  benchWire = "h2"
)

// benchServer answers like a model that takes latency, with 1.3 KB.
func benchServer(b *testing.B, wire benchWire, latency time.Duration) *httptest.Server {
	reply := []byte(completion(strings.Repeat("I look after what people leave behind. ", 28)))
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(reply)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that go-openai drops amid their handshake
	s.EnableHTTP2 = wire == tlsHTTP2
	if wire == plainHTTP {
		s.Start()
	} else {
		s.StartTLS()
	}
	b.Cleanup(s.Close)
	return s
}

// trust makes t accept the certificate of s.
func trust(t *http.Transport, s *httptest.Server) {
	if s.TLS != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	}
}

// BenchmarkDispatch asks, with the cache on, over real HTTP, and beside it in the same run does the
// same with a bare loop over the same transport: a finished body out, the reply read and thrown away.
// Both have the same number of requests on the wire. A build has more records under way than that, so
// that the wire does not wait for the disk: "build" has twice as many callers as workers, "alone"
// exactly as many. It reports the median of five pairs: "of-bare" is the dispatcher's rate over the
// bare loop's, "of-ideal" over workers/latency. "cpu-of-bare" is the processor time of the process,
// that of the server included, until the last answer is durable; "cpu-folded" also has the folding of all of
// them, which a build that is so busy leaves to quieter moments.
func BenchmarkDispatch(b *testing.B) {
	for _, load := range []struct {
		workers int
		latency time.Duration
		rounds  int // requests per worker
	}{{50, 100 * time.Millisecond, 20}, {500, 100 * time.Millisecond, 20}, {2000, time.Second, 4}} {
		for _, wire := range []benchWire{plainHTTP, tlsHTTP1, tlsHTTP2} {
			for _, callers := range []struct {
				name string
				each int // per worker
			}{{"build", 2}, {"alone", 1}} {
				name := fmt.Sprintf("%s/%dx%s/%s", wire, load.workers, load.latency, callers.name)
				b.Run(name, func(b *testing.B) { besideBare(b, wire, load.workers, load.latency, load.rounds, callers.each) })
			}
		}
	}
}

func besideBare(b *testing.B, wire benchWire, workers int, latency time.Duration, rounds, each int) {
	s := benchServer(b, wire, latency)
	d, m := benchDispatcher(b, workers, s)
	bare := newBare(b, workers, s, d, m)
	bare.run(b, workers, 2)
	runDispatch(b, d, m, workers, 2)
	var ofBare, ofIdeal, bareOfIdeal, cpu, cpuFolded []float64
	ideal := latency * time.Duration(rounds)
	for b.Loop() {
		for range 5 {
			began := processTime()
			slow := bare.run(b, workers, rounds)
			ran := processTime()
			ours := runDispatch(b, d, m, workers*each, rounds/each)
			answered := processTime()
			// What waits to be folded belongs to these requests, and must not disturb the next bare loop.
			if err := d.o.Store.Fold(); err != nil {
				b.Error(err)
			}
			ofBare = append(ofBare, slow.Seconds()/ours.Seconds())
			ofIdeal = append(ofIdeal, ideal.Seconds()/ours.Seconds())
			bareOfIdeal = append(bareOfIdeal, ideal.Seconds()/slow.Seconds())
			cpuBare := max((ran - began).Seconds(), 1e-9)
			cpu = append(cpu, (answered-ran).Seconds()/cpuBare)
			cpuFolded = append(cpuFolded, (processTime()-ran).Seconds()/cpuBare)
		}
	}
	b.ReportMetric(median(ofBare), "of-bare")
	b.ReportMetric(median(ofIdeal), "of-ideal")
	b.ReportMetric(median(bareOfIdeal), "bare-of-ideal")
	b.ReportMetric(median(cpu), "cpu-of-bare")
	b.ReportMetric(median(cpuFolded), "cpu-folded")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkGoOpenAI is the same load through go-openai with the client that it has by default.
func BenchmarkGoOpenAI(b *testing.B) {
	const workers, rounds, latency = 500, 4, 100 * time.Millisecond
	for _, wire := range []benchWire{plainHTTP, tlsHTTP1, tlsHTTP2} {
		b.Run(string(wire), func(b *testing.B) {
			s := benchServer(b, wire, latency)
			t := http.DefaultTransport.(*http.Transport).Clone()
			trust(t, s)
			b.Cleanup(t.CloseIdleConnections)
			config := openai.DefaultConfig("key")
			config.BaseURL, config.HTTPClient = s.URL+"/v1", &http.Client{Transport: t}
			client := openai.NewClientWithConfig(config)
			request := openai.ChatCompletionRequest{Model: "bench", Messages: []openai.ChatCompletionMessage{
				{Role: "system", Content: benchPrompt}, {Role: "user", Content: "Question 1: who are you?"},
			}}
			for b.Loop() {
				var failed atomic.Int64
				took := together(workers, func(int) {
					for range rounds {
						if _, err := client.CreateChatCompletion(context.Background(), request); err != nil {
							failed.Add(1)
						}
					}
				})
				b.ReportMetric((rounds*latency).Seconds()/took.Seconds(), "of-ideal")
				b.ReportMetric(float64(failed.Load()), "failed")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

func benchDispatcher(b *testing.B, workers int, s *httptest.Server) (*Dispatcher, *Model) {
	store, err := cache.Open(filepath.Join(b.TempDir(), ".isf"), cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	d, err := New(Options{Store: store, Workers: workers, Getenv: func(string) string { return "" }})
	if err != nil {
		b.Fatal(err)
	}
	trust(d.transport, s)
	b.Cleanup(func() { d.Close(); store.Close() })
	return d, &Model{Provider: "local", ID: "bench", BaseURLs: []string{s.URL + "/v1"}, SysPrompt: benchPrompt}
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
	header http.Header
	body   []byte
}

func newBare(b *testing.B, callers int, s *httptest.Server, d *Dispatcher, m *Model) *bare {
	t := newTransport(callers)
	trust(t, s)
	b.Cleanup(t.CloseIdleConnections)
	places, fatal := d.placesOf(m)
	if fatal != nil {
		b.Fatal(fatal)
	}
	fs, err := (&Request{Model: m, Messages: user("Question 1: who are you?")}).Fields()
	if err != nil {
		b.Fatal(err)
	}
	body, err := Body(provider.Row{}, fs)
	if err != nil {
		b.Fatal(err)
	}
	header := places[0].client.request.Header.Clone()
	header.Set("Idempotency-Key", strings.Repeat("0", 64))
	return &bare{client: &http.Client{Transport: t}, url: s.URL + "/v1/chat/completions", header: header, body: body}
}

func (x *bare) run(b *testing.B, callers, rounds int) time.Duration {
	return together(callers, func(int) {
		for range rounds {
			req, err := http.NewRequest(http.MethodPost, x.url, bytes.NewReader(x.body))
			if err != nil {
				b.Error(err)
				return
			}
			req.Header = maps.Clone(x.header)
			res, err := x.client.Do(req)
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
