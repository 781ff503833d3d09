package sim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// discard is a client that reads nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func BenchmarkAnswer(b *testing.B) {
	system := strings.Repeat(lighthouse+"\nThe river has many \"names\".\n", 25) // about 12 KB
	paragraph := strings.Repeat("I grew up beside the mill, and my first memory is its wheel. ", 12)
	for _, bc := range []struct{ name, body string }{
		{"small", conversation("", "What do you think about fog?")},
		{"system12k", conversation(system, "What do you think about fog?")},
		{"facts", conversation("", extraction(paragraph))},
		{"long4k", conversation("", strings.Repeat("What do you, an old hand, think about fog? ", 100))},
	} {
		b.Run(bc.name, func(b *testing.B) {
			s := New(Options{})
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(bc.body))
				s.ServeHTTP(discard{http.Header{}}, r)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
		})
	}
}
