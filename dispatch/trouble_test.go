package dispatch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAModelThatFailsInARowIsLeftAloneAndOthersGoOn(t *testing.T) {
	var sent atomic.Int64
	broken := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		replyWith(500, `{"error":{"message":"down"}}`)(w, r)
	})
	broken.Name, broken.ID = "broken", "broken"
	fine := serve(t, replyWith(200, completion("Hi")))
	f := open(t, func(o *Options) { o.MaxTries, o.PauseAfter = 2, 3 })
	var paused *Paused
	for i := range 10 {
		_, err := ask(f, broken, fmt.Sprint(i))
		if got := errors.As(err, &paused); err == nil || got != (i >= 3) {
			t.Errorf("request %d: got %v, want three failures and then nothing", i, err)
		}
		if _, err := ask(f, fine, fmt.Sprint(i)); err != nil {
			t.Errorf("the other model: %v", err)
		}
	}
	if sent.Load() != 6 || paused.Failures != 3 || !strings.Contains(paused.Error(), `model "broken" failed 3 times in a row and is left alone`) {
		t.Errorf("%d tries, then %v", sent.Load(), paused)
	}
}

func TestWhatDoesNotPauseAModel(t *testing.T) {
	for name, status := range map[string]int{"requests that are bad themselves": 400, "an answer in between": 500} {
		var n atomic.Int64
		m := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if status == 500 && n.Add(1)%3 == 0 {
				replyWith(200, completion("Hi"))(w, r)
				return
			}
			replyWith(status, `{"error":{"message":"no"}}`)(w, r)
		})
		f := open(t, func(o *Options) { o.MaxTries, o.PauseAfter = 1, 3 })
		for i := range 12 {
			_, err := ask(f, m, fmt.Sprint(i))
			var paused *Paused
			if errors.As(err, &paused) {
				t.Fatalf("%s: request %d got %v", name, i, err)
			}
		}
	}
}
