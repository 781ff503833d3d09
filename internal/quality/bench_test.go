package quality

import (
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/samples"
)

// BenchmarkRun checks rows of about 800 bytes; B/op over rows says what a row costs.
func BenchmarkRun(b *testing.B) {
	text := cleanSet(2000).text()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Run(samples.Lines(strings.NewReader(text)), options()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2000, "µs/row")
}
