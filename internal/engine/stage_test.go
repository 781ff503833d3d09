package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench returns a Build that asks nobody.
func quiet(t interface{ TempDir() string }, workers int) *Build {
	e := &Engine{project: &Project{Root: "/project"}, ctx: context.Background()}
	return &Build{ctx: e.ctx, engine: e, pipeline: &Pipeline{Name: "test"}, workers: workers}
}

type item struct {
	ID string `json:"id,omitempty"`
	N  int    `json:"n"`
}

func numbers(n int) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for i := range n {
			if !yield(item{ID: fmt.Sprintf("i%d", i), N: i}, nil) {
				return
			}
		}
	}
}

// lines is what a writer would get.
func collect(rows Rows) (out []Record) {
	rows(func(r *Record) {
		if r.Value != nil {
			r.line = &line{text: fmt.Appendf(nil, "%v\n", r.Value)}
		}
	}, func(r Record) bool {
		out = append(out, r)
		return true
	})
	return out
}

func TestRowsComeOutInTheOrderOfTheirRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(rt, "records")
		workers := rapid.IntRange(1, 40).Draw(rt, "workers")
		fan := rapid.IntRange(0, 3).Draw(rt, "rows of each record")
		b := quiet(t, workers)
		rows := Each(b, "fan", From(b, numbers(n)), func(_ *Task, v any) ([]any, error) {
			if v.(item).N%7 == 0 {
				runtime.Gosched()
			}
			out := make([]any, fan)
			for i := range out {
				out[i] = item{N: v.(item).N*10 + i}
			}
			return out, nil
		})
		got := []int{}
		for _, r := range collect(Each(b, "last", rows, func(_ *Task, v any) ([]any, error) { return []any{v}, nil })) {
			if r.Value != nil {
				got = append(got, r.Value.(item).N)
			}
		}
		want := []int{}
		for i := range n {
			for k := range fan {
				want = append(want, i*10+k)
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("rows are %v, want %v", got, want)
		}
	})
}

func TestEveryEndOfATaskHasItsRecord(t *testing.T) {
	b := quiet(t, 4)
	ends := map[string]func(t *Task) ([]any, error){
		"row":     func(*Task) ([]any, error) { return []any{item{N: 1}}, nil },
		"nothing": func(*Task) ([]any, error) { return nil, nil },
		"skip":    func(*Task) ([]any, error) { return nil, &SkipError{"too short"} },
		"kind":    func(*Task) ([]any, error) { return nil, fmt.Errorf("wrapped: %w", &KindError{"parse_error", "no tag"}) },
		"error":   func(*Task) ([]any, error) { return nil, errors.New("plain") },
		"panic":   func(*Task) ([]any, error) { panic("oh no") },
		"goexit":  func(*Task) ([]any, error) { runtime.Goexit(); return nil, nil },
		"open":    func(t *Task) ([]any, error) { t.suspend(); runtime.Goexit(); return nil, nil },
	}
	names := []string{"row", "nothing", "skip", "kind", "error", "panic", "goexit", "open"}
	source := From(b, func(yield func(any, error) bool) {
		for _, n := range names {
			if !yield(item{ID: n}, nil) {
				return
			}
		}
	})
	var got []string
	for _, r := range collect(Each(b, "s", source, func(t *Task, v any) ([]any, error) { return ends[v.(item).ID](t) })) {
		switch {
		case r.Open:
			got = append(got, "open")
		case r.Skipped != "":
			got = append(got, "skipped: "+r.Skipped)
		case r.Fail != nil:
			got = append(got, r.Fail.Kind)
		default:
			got = append(got, "row")
		}
	}
	want := []string{"row", "skipped: no rows", "skipped: too short", "parse_error", "error", "unexpected_error", "unexpected_error", "open"}
	if !slices.Equal(got, want) {
		t.Errorf("records are %q, want %q", got, want)
	}
}

func TestAPanicNamesItsPlace(t *testing.T) {
	b := quiet(t, 1)
	records := collect(Each(b, "s", From(b, numbers(1)), func(*Task, any) ([]any, error) {
		var none []int
		return []any{none[b.workers]}, nil
	}))
	if got := records[0].Fail.Message; !strings.Contains(got, "out of range") || !strings.Contains(got, "stage_test.go:") {
		t.Errorf("message is %q, want the panic with its file and line", got)
	}
}

func TestAdmissionStopsAheadOfAHungRecord(t *testing.T) {
	const records = 3 * ahead
	b := quiet(t, 50)
	release := make(chan struct{})
	var finished atomic.Int64
	rows := Each(b, "s", From(b, numbers(records)), func(_ *Task, v any) ([]any, error) {
		if v.(item).N == 0 {
			<-release
		}
		finished.Add(1)
		return []any{v}, nil
	})
	got := 0
	done := make(chan struct{})
	go func() {
		got = len(collect(rows))
		close(done)
	}()
	// The rest finishes up to the bound and then waits: when the count has
	// reached it, no more can be admitted until the head is released.
	for finished.Load() < ahead-60 {
		runtime.Gosched()
	}
	if n := finished.Load(); n > ahead+60 {
		t.Errorf("%d records finished ahead of the hung one, want at most about %d", n, ahead)
	}
	close(release)
	<-done
	if got != records {
		t.Errorf("%d rows came out, want %d", got, records)
	}
}

func TestLinesThatWaitGoToTheSpillFile(t *testing.T) {
	b := quiet(t, 8)
	big := strings.Repeat("x", 1<<20)
	release := make(chan struct{})
	var finished atomic.Int64
	rows := Each(b, "s", From(b, numbers(64)), func(_ *Task, v any) ([]any, error) {
		if v.(item).N == 0 {
			<-release
		} else if finished.Add(1) == 63 {
			close(release)
		}
		return []any{v}, nil
	})
	next := 0
	rows(func(r *Record) {
		r.line = &line{text: fmt.Appendf(nil, "%06d%s", r.Value.(item).N, big)}
		r.Value = nil
	}, func(r Record) bool {
		if want := fmt.Sprintf("%06d%s", next, big); string(r.line.text) != want {
			t.Fatalf("line %d came back changed: it begins %q", next, r.line.text[:20])
		}
		next++
		return true
	})
	if next != 64 || b.Err() != nil {
		t.Errorf("%d lines came out, error %v; want 64 and none", next, b.Err())
	}
}

func same(_ *Task, v any) ([]any, error) { return []any{v}, nil }

func TestALimitReadsThatManyRecordsAndSaysWhetherThereAreMore(t *testing.T) {
	for _, c := range []struct {
		have, limit, want int
		cut               bool
	}{{5, 0, 5, false}, {5, 3, 3, true}, {5, 5, 5, false}, {5, 9, 5, false}} {
		b := quiet(t, 2)
		b.limit = c.limit
		odd := Filter(From(b, numbers(2*c.have)), func(v any) bool { return v.(item).N%2 == 1 })
		twice := Each(b, "again", Each(b, "s", odd, same), same)
		got := len(collect(twice))
		if got != c.want || b.cut.Load() != c.cut {
			t.Errorf("limit %d of %d: %d records, cut %v; want %d, %v", c.limit, c.have, got, b.cut.Load(), c.want, c.cut)
		}
	}
}

func TestBehindABarrierNothingIsKnownWhileARecordIsOpen(t *testing.T) {
	b := quiet(t, 2)
	rows := Each(b, "s", From(b, numbers(3)), func(t *Task, v any) ([]any, error) {
		if v.(item).N == 1 {
			t.suspend()
			runtime.Goexit()
		}
		return []any{v}, nil
	})
	called := false
	got := collect(All(b, "top", rows, func(all []any) ([]any, error) {
		called = true
		return all, nil
	}))
	if called || len(got) != 1 || !got[0].Open {
		t.Errorf("barrier called: %v, records %v; want one open record", called, got)
	}
}

func TestRowsThatPassABarrierKeepTheirRecord(t *testing.T) {
	b := quiet(t, 2)
	rows := Each(b, "s", From(b, numbers(4)), func(t *Task, v any) ([]any, error) {
		return []any{&Sample{Messages: Messages{{Role: "user", Content: fmt.Sprint(v.(item).N)}}}}, nil
	})
	got := collect(All(b, "top", rows, func(all []any) ([]any, error) {
		slices.Reverse(all)
		return append(all[:2], &Sample{Messages: Messages{{Role: "user", Content: "new"}}}), nil
	}))
	var ids []string
	for _, r := range got {
		ids = append(ids, r.ID)
	}
	if len(ids) != 3 || ids[0] != "i3" || ids[1] != "i2" || !strings.HasPrefix(ids[2], "top") {
		t.Errorf("ids are %q, want i3, i2 and one named by the barrier", ids)
	}
}
