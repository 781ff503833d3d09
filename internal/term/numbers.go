package term

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Count writes a number with thousands separators: 1,204.
func Count(n int64) string { return humanize.Comma(n) }

// Short writes a number in at most four characters and a unit: 950, 1.2M, 34k.
func Short(n int64) string {
	units := []string{"", "k", "M", "G", "T"}
	x, u := float64(n), 0
	for (x >= 999.5 || x <= -999.5) && u < len(units)-1 {
		x, u = x/1000, u+1
	}
	if u > 0 && x < 9.95 && x > -9.95 {
		return strconv.FormatFloat(x, 'f', 1, 64) + units[u]
	}
	return strconv.FormatFloat(x, 'f', 0, 64) + units[u]
}

// Bytes writes a size: 82 MB. A kilobyte has 1,000 bytes.
func Bytes(n int64) string {
	if n < 0 {
		return "-" + Bytes(-n)
	}
	return humanize.Bytes(uint64(n))
}

// Plural writes a count and what is counted: 1 record, 1,204 records.
func Plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if stem, ok := strings.CutSuffix(one, "y"); ok && !strings.HasSuffix(stem, "e") && !strings.HasSuffix(stem, "a") {
		return Count(n) + " " + stem + "ies"
	}
	return Count(n) + " " + one + "s"
}

// Duration writes a time span as one would say it: 0.3s, 19s, 3m 20s, 2h 05m,
// 3d 4h.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	s := int64((d + time.Second/2) / time.Second)
	switch {
	case d < 950*time.Microsecond:
		return "0s"
	case d < 95*time.Millisecond:
		return fmt.Sprintf("%dms", (d+time.Millisecond/2)/time.Millisecond)
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh %02dm", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%dd %dh", s/86400, s%86400/3600)
}

// Money writes an amount in nano-dollars (a billionth of a US dollar) with the
// digits that matter: $0, $0.0123, $4.20, $1,204.50.
func Money(nanoUSD int64) string {
	const dollar = 1_000_000_000
	switch {
	case nanoUSD < 0:
		return "-" + Money(-nanoUSD)
	case nanoUSD == 0:
		return "$0"
	case nanoUSD < dollar/10_000:
		return "<$0.0001"
	case nanoUSD < dollar:
		return fmt.Sprintf("$0.%04d", min((nanoUSD+50_000)/100_000, 9_999))
	}
	cents := (nanoUSD + 5_000_000) / 10_000_000
	return fmt.Sprintf("$%s.%02d", Count(cents/100), cents%100)
}

// ByKind writes counts by name, most first: 12 rate_limit, 3 timeout. Names are
// made safe.
func ByKind[N int | int64](by map[string]N) string {
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(by[b], by[a]), strings.Compare(a, b))
	})
	for i, n := range names {
		names[i] = Count(int64(by[n])) + " " + SafeLine(n)
	}
	return strings.Join(names, ", ")
}
