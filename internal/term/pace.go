package term

import (
	"strconv"
	"time"
)

// A Pace is how fast a count grew lately: hits come at once and answers from
// the wire do not, so the average since the beginning would say nothing.
type Pace struct {
	marks []mark
}

type mark struct {
	at         time.Time
	done, nano int64
}

const (
	lately = 15 * time.Second
	apart  = 500 * time.Millisecond // between marks
)

// Add notes how much is done now, and what it cost.
func (p *Pace) Add(now time.Time, done, nano int64) {
	if n := len(p.marks); n > 0 && now.Sub(p.marks[n-1].at) < apart {
		return
	}
	p.marks = append(p.marks, mark{now, done, nano})
	for len(p.marks) > 2 && now.Sub(p.marks[1].at) >= lately {
		p.marks = p.marks[1:]
	}
}

// Rate is per second, 0 while nobody can tell.
func (p *Pace) Rate() float64 {
	if p == nil || len(p.marks) < 2 {
		return 0
	}
	first, last := p.marks[0], p.marks[len(p.marks)-1]
	dt := last.at.Sub(first.at)
	if dt < time.Second || last.done <= first.done {
		return 0
	}
	return float64(last.done-first.done) / dt.Seconds()
}

// Takes is how long so many more take at this rate, 0 while nobody can tell.
func (p *Pace) Takes(more int64) time.Duration {
	r := p.Rate()
	if r == 0 || more <= 0 {
		return 0
	}
	return time.Duration(float64(more) / r * float64(time.Second))
}

// projected is what all records will have cost if the rest cost as much as those
// of late, or, while nobody can tell, as those of all time; 0 where nothing is left.
// While nobody knows how many they are it is what was expected.
func (p *Pace) projected(l Line) int64 {
	if l.Total < 0 {
		return l.ExpectedNano
	}
	if l.CostNano == 0 || l.Total <= l.Done || l.Done == 0 {
		return 0
	}
	each := float64(l.CostNano) / float64(l.Done)
	if p != nil && len(p.marks) > 1 {
		first, last := p.marks[0], p.marks[len(p.marks)-1]
		if last.done > first.done {
			each = float64(last.nano-first.nano) / float64(last.done-first.done)
		}
	}
	return l.CostNano + int64(each*float64(l.Total-l.Done))
}

// PerSecond writes a rate: 41/s, 3.2/s, 4/min.
func PerSecond(r float64) string {
	switch {
	case r == 0:
		return ""
	case r < 0.2:
		return strconv.FormatFloat(r*60, 'f', 0, 64) + "/min"
	case r < 9.95:
		return strconv.FormatFloat(r, 'f', 1, 64) + "/s"
	}
	return Count(int64(r+0.5)) + "/s"
}

// Roughly rounds an estimate to what it is worth.
func Roughly(d time.Duration) string {
	switch s := d.Round(time.Second); {
	case d <= 0:
		return ""
	case s < 10*time.Second:
		return strconv.Itoa(max(1, int(s/time.Second))) + "s"
	default:
		return Duration(s)
	}
}
