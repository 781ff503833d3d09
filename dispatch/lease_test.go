package dispatch

import (
	"errors"
	"net/http"
	"testing"

	"github.com/identity-shaping/isf/cache"
)

// A second process that waits for the first one's answer does not wait once it
// is stopped itself, and what it gets is what everybody gets after a stop.
func TestAStopEndsAWaitForAnotherProcess(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	m := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write([]byte(completion("Yes.")))
	})
	dir := t.TempDir()
	process := func() *fixture {
		return open(t, func(o *Options) {
			store, err := cache.Open(dir, cache.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			o.Store = store
		})
	}
	first, second := process(), process()
	answered := make(chan error)
	go func() {
		_, err := ask(first, m, "Is it asked once?")
		answered <- err
	}()
	<-arrived
	cause := errors.New("interrupted")
	second.Stop(cause)
	if _, err := ask(second, m, "Is it asked once?"); !errors.Is(err, ErrStopped) || !errors.Is(err, cause) {
		t.Errorf("got %v, want ErrStopped with its cause", err)
	}
	close(release)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
