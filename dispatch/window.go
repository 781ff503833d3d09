package dispatch

import "time"

// A window bounds requests and tokens in any minute, as configured. It keeps the tries of the last minute,
// so short bursts lose no time and no minute has more than it may.
type window struct {
	rpm, tpm int64 // 0 is no bound
	sent     []*sending
	tokens   int64 // of sent
}

// A sending is a try that counts for a minute.
type sending struct {
	at     time.Time
	tokens int64 // expected, and once it is known what it took
}

// free is when a try of so many tokens may go, by time alone. One that is larger than the limit itself goes
// when the minute is empty: the provider shall say what it thinks of it.
func (w *window) free(now time.Time, tokens int64) time.Time {
	w.forget(now)
	at := time.Time{}
	if n := int64(len(w.sent)); w.rpm > 0 && n >= w.rpm {
		at = w.sent[n-w.rpm].at.Add(time.Minute)
	}
	if w.tpm > 0 {
		left := w.tokens
		for _, s := range w.sent {
			if left+tokens <= w.tpm {
				break
			}
			left -= s.tokens
			at = later(at, s.at.Add(time.Minute))
		}
	}
	return at
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// forget drops what is older than a minute.
func (w *window) forget(now time.Time) {
	n := 0
	for n < len(w.sent) && !now.Before(w.sent[n].at.Add(time.Minute)) {
		w.tokens -= w.sent[n].tokens
		w.sent[n].tokens = 0
		w.sent[n] = nil
		n++
	}
	w.sent = w.sent[n:]
}

// send counts a try; nil where nothing is bounded.
func (w *window) send(now time.Time, tokens int64) *sending {
	if w.rpm == 0 && w.tpm == 0 {
		return nil
	}
	s := &sending{now, tokens}
	w.sent = append(w.sent, s)
	w.tokens += tokens
	return s
}

// correct puts what a try took in the place of what was expected, if it still counts.
func (w *window) correct(s *sending, tokens int64, now time.Time) {
	if s == nil || !now.Before(s.at.Add(time.Minute)) {
		return
	}
	w.tokens += tokens - s.tokens
	s.tokens = tokens
}
