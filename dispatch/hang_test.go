package dispatch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// A swallower passes bytes on to a server until it is told to swallow them: a network that died in
// silence. A connection that is made after that is passed on again.
type swallower struct {
	net.Listener
	to    string
	dead  atomic.Pointer[chan struct{}] // of the connections so far; closed once they shall pass nothing on
	conns atomic.Int64
}

func swallow(t *testing.T, to string) *swallower {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &swallower{Listener: l, to: to}
	s.revive()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			s.pass(t, conn)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return s
}

func (s *swallower) revive() { dead := make(chan struct{}); s.dead.Store(&dead) }

// die lets the connections so far pass nothing on.
func (s *swallower) die() {
	old := s.dead.Load()
	s.revive()
	close(*old)
}

func (s *swallower) pass(t *testing.T, client net.Conn) {
	server, err := net.Dial("tcp", s.to)
	if err != nil {
		client.Close()
		return
	}
	dead := *s.dead.Load()
	t.Cleanup(func() { client.Close(); server.Close() })
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			b := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(b)
				select {
				case <-dead: // read on, so that the sender sees a network that takes everything
				default:
					_, _ = way[1].Write(b[:n])
				}
				if err != nil {
					return
				}
			}
		}()
	}
}

// A connection that died in silence is found by a ping, long before the request's own time is up; the
// next try takes a new one.
func TestAPingFindsADeadConnection(t *testing.T) {
	arrived := make(chan struct{}, 10)
	release := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		replyWith(200, completion("Hi"))(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	way := swallow(t, s.Listener.Addr().String())
	f := open(t, func(o *Options) { o.MaxTries = 2 })
	secure(f, s)
	f.transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 100 * time.Millisecond, PingTimeout: 100 * time.Millisecond}
	m := &Model{Provider: "openrouter", ID: "m", BaseURLs: []string{"https://" + way.Addr().String() + "/v1"}, APIKeyEnv: "TEST_KEY", Timeouts: Timeouts{Total: time.Minute}}
	go func() {
		<-arrived
		way.die()
		<-arrived
		close(release)
	}()
	start := time.Now()
	got, err := ask(f, m, "Hi")
	if err != nil || got.Tries != 2 || way.conns.Load() != 2 {
		t.Fatalf("got %+v, %v over %d connections, want an answer at the second try over a second one", got, err, way.conns.Load())
	}
	if e := f.heard()[0]; e.Kind != EventRetry || e.Type != "network" {
		t.Errorf("the first try ended with %+v, want a retry for the network's sake", e)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s, want much less than the request's minute", took)
	}
}

// The pings that a build sends are its own, not a test's.
func TestPingsAreOn(t *testing.T) {
	if c := newTransport(1).HTTP2; c == nil || c.SendPingTimeout <= 0 || c.SendPingTimeout+c.PingTimeout > time.Minute {
		t.Errorf("pings are configured as %+v, want a dead connection found within a minute", c)
	}
}

func TestConnectingHasATimeOfItsOwn(t *testing.T) {
	m := serve(t, replyWith(200, completion("Hi")))
	m.Timeouts.Connect = time.Nanosecond
	_, err := ask(open(t, func(o *Options) { o.MaxTries = 2 }), m, "Hi")
	var fatal *Fatal
	if !errors.As(err, &fatal) || fatal.Type != "no_server" || !strings.Contains(fatal.Message, "no connection in time") {
		t.Errorf("got %v, want it said that there was no connection in time", err)
	}
}

// Whoever gives up gets their goroutine back at once, wherever the request is, and leaves none behind.
func TestCancellationStrandsNobody(t *testing.T) {
	tests := []struct {
		name    string
		stream  bool
		handler http.HandlerFunc
	}{
		{"before the answer", false, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"amid the body", false, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"choices":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}},
		{"amid a stream", true, func(w http.ResponseWriter, r *http.Request) {
			events(delta(`{"content":"Hal"}`, `null`))(w, r)
			<-r.Context().Done()
		}},
		{"between two tries", false, replyWith(500, ``)},
		{"in the queue", false, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			arrived := make(chan struct{}, 100)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				arrived <- struct{}{}
				tt.handler(w, r)
			}))
			f := open(t, func(o *Options) { o.Workers, o.Clock, o.Rand = 2, nil, func() float64 { return 0.999 } })
			m := &Model{Provider: "openrouter", ID: "m", BaseURLs: []string{s.URL + "/v1"}, APIKeyEnv: "TEST_KEY", Stream: tt.stream}
			ctx, cancel := context.WithCancel(context.Background())
			const askers = 6 // two on the wire, four in the queue
			errs := make(chan error, askers)
			for i := range askers {
				go func() {
					_, err := f.Ask(ctx, &Request{Model: m, Messages: user(string(rune('a' + i)))})
					errs <- err
				}()
			}
			<-arrived
			<-arrived
			cancel()
			for range askers {
				if err := <-errs; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that it was cancelled", err)
				}
			}
			f.Close()
			f.store.Close()
			s.Close()
			goleak.VerifyNone(t, before)
		})
	}
}

// A deadline of the caller's bounds a request with all its tries and pauses.
func TestADeadlineBoundsAllTries(t *testing.T) {
	var n atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); replyWith(500, ``)(w, r) })
	f := open(t, func(o *Options) { o.Clock, o.MaxTries, o.Rand = nil, 100, func() float64 { return 0.05 } })
	ctx, cancel := context.WithTimeout(context.Background(), 400*time.Millisecond)
	defer cancel()
	_, err := f.Ask(ctx, &Request{Model: m, Messages: user("Hi")})
	if !errors.Is(err, context.DeadlineExceeded) || n.Load() < 2 {
		t.Errorf("got %v after %d tries, want the deadline after some", err, n.Load())
	}
	if f.stopped() != nil {
		t.Error("one caller's deadline stopped everything")
	}
}

// So does retry.deadline, and it fails the one request that it is for.
func TestARequestHasADeadline(t *testing.T) {
	var n atomic.Int64
	m := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); replyWith(500, ``)(w, r) })
	f := open(t, func(o *Options) { o.Deadline, o.MaxTries = 10*time.Second, 100 })
	_, err := ask(f, m, "Hi")
	var failed *Failed
	// Pauses of half of 1, 2, 4, 8 s; the next would be half of 16.
	if !errors.As(err, &failed) || n.Load() != 5 || failed.Tries != 5 || !failed.Transport || !strings.Contains(failed.Message, "given up, because retry.deadline in isf.yaml is 10s") {
		t.Errorf("got %v after %d tries, want it given up after five", err, n.Load())
	}
	hang := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() })
	f = open(t, func(o *Options) { o.Deadline, o.Clock = 100*time.Millisecond, nil })
	start := time.Now()
	if _, err := ask(f, hang, "Hi"); !errors.As(err, &failed) || failed.Type != "timeout" || time.Since(start) > 5*time.Second {
		t.Errorf("a request that hangs: got %v after %s, want a time-out at its deadline", err, time.Since(start))
	}
	if f.stopped() != nil {
		t.Error("one request's deadline stopped everything")
	}
}
