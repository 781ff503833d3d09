package term

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// three targets in the middle of a build.
func three() []Line {
	return []Line{
		{Target: "facts", Done: 170, Total: 170, Hits: 170, State: Done},
		{Target: "identity-augmentation", Done: 412, Running: 50, Total: 1204, Hits: 380, Sent: 32, Tokens: 1_234_567, State: Running},
		{Target: "behaviour", Total: -1, State: Waiting},
	}
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	want = strings.TrimPrefix(want, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestABlockIsDrawnInPlace(t *testing.T) {
	f := newFake(t, 140, 24)
	p := NewProgress(f, f.screen())
	lines := three()
	p.Show(lines)
	for range 4 {
		f.now = f.now.Add(time.Second)
		lines[1].Done += 41
		p.Show(lines)
	}
	expect(t, f.String(), `
✓ facts                    170/170  ▕███████████▏100%              hits 170
▸ identity-augmentation  576/1,204  ▕█████░░░░░░▏ 47%  running 50  hits 380  sent 32  1.2M tok  41/s  eta 15s
· behaviour                         waiting
`)
	if f.writes != 5 {
		t.Errorf("got %d writes for 5 frames, want one each", f.writes)
	}
}

func TestAPausedBuildSaysSo(t *testing.T) {
	f := newFake(t, 140, 24)
	NewProgress(f, f.screen()).Show([]Line{{Target: "facts", Done: 111, Running: 16, Total: 400, Sent: 60, State: Paused}})
	expect(t, f.String(), "\n‖ facts  111/400  paused  running 16  sent 60\n")
}

func TestALogLineGoesAboveTheBlock(t *testing.T) {
	f := newFake(t, 100, 24)
	p := NewProgress(f, f.screen())
	p.Logf("before")
	p.Show(three()[:1])
	p.Logf("set-up says %s\n", "\x1b[2Jhello\tthere\rx")
	p.Logf("two\nlines")
	expect(t, f.String(), `
before
set-up says \x1b[2Jhello        there\rx
two
lines
✓ facts  170/170  ▕███████████▏100%  hits 170
`[1:])
}

func TestANarrowTerminalDropsColumnsAndThenCutsNames(t *testing.T) {
	for _, tc := range []struct {
		width int
		want  string
	}{
		{80, `
✓ facts                    170/170  ▕███████████▏100%  hits 170
▸ identity-augmentation  412/1,204  ▕███░░░░░░░░▏ 34%  hits 380  sent 32
· behaviour                         waiting
`},
		{60, `
✓ facts                    170/170  ▕███████████▏100%
▸ identity-augmentation  412/1,204  ▕███░░░░░░░░▏ 34%
· behaviour                         waiting
`},
		{36, `
✓ facts                    170/170
▸ identity-augmentation  412/1,204
· behaviour
`},
		{20, `
✓ facts
▸ identity-augment…
· behaviour
`},
	} {
		f := newFake(t, tc.width, 24)
		NewProgress(f, f.screen()).Show(three())
		expect(t, f.String(), tc.want)
	}
}

func TestABlockThatIsTooTallShowsWhatRuns(t *testing.T) {
	f := newFake(t, 80, 5)
	p := NewProgress(f, f.screen())
	var lines []Line
	for _, name := range strings.Fields("a b c d e f g h") {
		lines = append(lines, Line{Target: name, Done: 3, Total: -1, State: Done})
	}
	lines[3].State, lines[6].State, lines[7].State = Running, Failed, Waiting
	for range 3 {
		f.now = f.now.Add(time.Second)
		p.Show(lines)
	}
	expect(t, f.String(), `
✓ a  3
▸ d  3
✗ g  3  failed
  … and 4 done, 1 waiting
`)
}

func TestATerminalThatBecomesNarrowerIsDrawnOver(t *testing.T) {
	f := newFake(t, 100, 24)
	p := NewProgress(f, f.screen())
	p.Show(three()[:1])
	// The terminal wraps what no longer fits, as most do.
	f.width = 20
	row := f.rows[0]
	f.rows = [][]rune{row[:20], row[20:40], row[40:], nil}
	f.y = 3
	f.now = f.now.Add(time.Second)
	p.Show(three()[:1])
	expect(t, f.String(), "✓ facts  170/170\n")
}

func TestFramesComeNoFasterThanTheEye(t *testing.T) {
	f := newFake(t, 100, 24)
	p := NewProgress(f, f.screen())
	for range 1000 {
		p.Show(three())
		f.now = f.now.Add(time.Millisecond)
	}
	if f.writes != 8 {
		t.Errorf("got %d frames in a second, want 8", f.writes)
	}
}

func TestClearRemovesTheBlockAndCloseLeavesIt(t *testing.T) {
	f := newFake(t, 100, 24)
	p := NewProgress(f, f.screen())
	p.Show(three())
	p.Clear()
	p.Logf("summary")
	p.Close(three()[:1])
	p.Logf("after")
	expect(t, f.String(), `
summary
✓ facts  170/170  ▕███████████▏100%  hits 170
after
`)
}

func TestNamesAreMadeSafe(t *testing.T) {
	f := newFake(t, 100, 24)
	NewProgress(f, f.screen()).Show([]Line{{Target: "a\x1b[31m\u202eb", Total: -1, State: "odd\r"}})
	expect(t, f.String(), "✓ a\\x1b[31m\\u202eb  odd\\r\n")
}

func TestAPipeGetsALineNowAndThen(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	var out bytes.Buffer
	p := NewProgress(&out, Screen{Now: func() time.Time { return now }})
	lines := three()
	lines[0].State, lines[0].Done = Running, 0
	for i := range 200 { // 20 s
		now = now.Add(100 * time.Millisecond)
		if i == 29 {
			lines[0].State, lines[0].Done = Done, 170
		}
		if i < 100 {
			lines[1].Done += 4
		}
		p.Show(lines)
	}
	lines[1].Done, lines[1].State = 1204, Done
	p.Close(lines)
	expect(t, out.String(), `
facts: done, 170/170 records, hits 170
identity-augmentation: 616/1,204 records, hits 380, sent 32, 1.2M tok, 40/s, eta 15s
identity-augmentation: 812/1,204 records, hits 380, sent 32, 1.2M tok, 40/s, eta 10s
identity-augmentation: done, 1,204/1,204 records, hits 380, sent 32, 1.2M tok
`)
}

func TestAGuessOfHowManyIsToldAsOne(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, Screen{})
	p.Close([]Line{{Target: "facts", Done: 300, Total: 1200, About: true, Sent: 300, CostNano: 3e8, State: Running}})
	expect(t, out.String(), "facts: 300/~1,200 records, sent 300, $0.3000 of ~$1.20\n")
}

func TestAPipeGetsNoControlSequences(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, Screen{})
	p.Logf("hello \x1b[31m")
	p.Clear()
	p.Close([]Line{{Target: "a", Done: 1, Total: -1, State: Failed, Errors: 1}})
	expect(t, out.String(), "hello \\x1b[31m\na: failed, 1 record, errors 1\n")
}

func TestRunShowsSnapshotsUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, 100, 24)
		s := f.screen()
		s.Now = time.Now
		p := NewProgress(f, s)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second+frame/2)
		defer stop()
		var n int64
		var wg sync.WaitGroup
		wg.Go(func() {
			for ctx.Err() == nil {
				p.Logf("tick")
				time.Sleep(time.Second)
			}
		})
		p.Run(ctx, func() []Line {
			n++
			return []Line{{Target: "a", Done: n, Total: 1000, State: Running}}
		})
		wg.Wait()
		if got := strings.TrimSpace(strings.ReplaceAll(f.String(), "tick", "")); got != "" {
			t.Errorf("after the end %q is left of the block, want room for a report", got)
		}
		if n < 70 {
			t.Errorf("%d frames in ten seconds, want about 8 each second", n)
		}
	})
}
