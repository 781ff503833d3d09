package dispatch

import (
	"context"
	"time"

	"github.com/identity-shaping/isf/cache"
)

// A Clock tells the time and waits. Tests replace it.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error // ctx.Err() if ctx ends first
}

// EventKind says what an Event tells of.
type EventKind string

const (
	EventAnswer EventKind = "answer" // a try brought an answer
	EventRetry  EventKind = "retry"  // a try failed and will be repeated after Wait
	EventFailed EventKind = "failed" // a try failed, and its request with it
	EventFatal  EventKind = "fatal"  // a try failed, and the dispatcher stops
)

// An Event tells of one try.
type Event struct {
	Time     time.Time // when it ended
	Kind     EventKind
	Provider string
	Model    string
	Key      cache.Key
	Try      int           // 1, 2, …
	Status   int           // HTTP status, 0 when there was none
	Type     string        // of the failure, "" for an answer
	Message  string        // of the failure, without secrets
	Took     time.Duration // on the wire
	Wait     time.Duration // before the next try
	Limit    int           // tries that the lane now lets onto the wire at once
}
