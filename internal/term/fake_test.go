package term

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fake is a terminal: it understands what Progress sends and refuses the rest.
type fake struct {
	t             *testing.T
	width, height int
	rows          [][]rune // all that was ever written, the last height of them visible
	x, y          int
	writes        int
	now           time.Time
}

func newFake(t *testing.T, width, height int) *fake {
	return &fake{t: t, width: width, height: height, rows: [][]rune{nil}, now: time.Unix(1_000_000, 0)}
}

func (f *fake) screen() Screen {
	return Screen{
		Terminal: true,
		Size:     func() (int, int) { return f.width, f.height },
		Now:      func() time.Time { return f.now },
	}
}

var csi = regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)

func (f *fake) Write(b []byte) (int, error) {
	f.writes++
	for s := string(b); s != ""; {
		if m := csi.FindStringSubmatch(s); m != nil {
			f.control(m[1], m[2])
			s = s[len(m[0]):]
			continue
		}
		r := []rune(s)[0]
		s = s[len(string(r)):]
		f.put(r)
	}
	return len(b), nil
}

func (f *fake) put(r rune) {
	switch {
	case r == '\n':
		f.y, f.x = f.y+1, 0
	case r == '\r':
		f.x = 0
	case r == '\t':
		for ok := true; ok; ok = f.x%8 != 0 {
			f.put(' ')
		}
	case r < ' ' || r == 0x7f:
		f.t.Errorf("got control character %q on the terminal", r)
	default:
		if f.x == f.width {
			f.y, f.x = f.y+1, 0
		}
		f.grow()
		for len(f.rows[f.y]) <= f.x {
			f.rows[f.y] = append(f.rows[f.y], ' ')
		}
		f.rows[f.y][f.x] = r
		f.x++
	}
	f.grow()
}

func (f *fake) grow() {
	for len(f.rows) <= f.y {
		f.rows = append(f.rows, nil)
	}
}

func (f *fake) control(arg, verb string) {
	switch verb {
	case "A":
		n, _ := strconv.Atoi(arg)
		if top := max(0, len(f.rows)-f.height); f.y-n < top {
			f.t.Errorf("got the cursor moved %d up from row %d, above the top row %d", n, f.y, top)
		}
		f.y -= n
	case "K":
		f.rows[f.y] = f.rows[f.y][:min(f.x, len(f.rows[f.y]))]
	case "J":
		f.rows[f.y] = f.rows[f.y][:min(f.x, len(f.rows[f.y]))]
		f.rows = f.rows[:f.y+1]
	case "m":
	default:
		f.t.Errorf("got unknown control sequence %q", arg+verb)
	}
}

func (f *fake) String() string {
	var b strings.Builder
	for _, r := range f.rows {
		fmt.Fprintln(&b, strings.TrimRight(string(r), " "))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
