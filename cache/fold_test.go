package cache

import (
	"testing"
	"time"
)

// Folding takes processor time from a build that has none to spare, also from
// one whose answers come in waves.
func TestWavesOfAnswersLeaveNoTimeToFold(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	p := pace{marks: []mark{{0, start}}}
	for now := breath; now < 10*time.Second; now += breath {
		answered := 2000 * int64(now/(1100*time.Millisecond))
		if !p.busy(answered, start.Add(now)) && now > 1200*time.Millisecond {
			t.Errorf("after %v and %d answers it folds, amid waves of 2,000", now, answered)
		}
	}
}

func TestARestAfterWavesIsTimeToFold(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	p := pace{marks: []mark{{0, start}}}
	for now := breath; now <= busyOver+2*breath; now += breath {
		busy := p.busy(4000, start.Add(now))
		if want := now <= busyOver; busy != want {
			t.Errorf("%v after the last answer busy is %v, want %v", now, busy, want)
		}
	}
}
