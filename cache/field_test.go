package cache

import (
	"encoding/json"
	"math"
	"testing"
)

func TestNumbersAreWrittenAsEncodingJSONDoes(t *testing.T) {
	for _, x := range []float64{0, 0.7, 1, -2.5, 1e-6, 9.9e-7, 1e20, 1e21, 1.0 / 3, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		want, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		if got := Float(TagTemperature, x).JSON(); string(got) != string(want) {
			t.Errorf("%v is written as %s, want %s", x, got, want)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := Float(TagTemperature, x).JSON(); string(got) != "null" {
			t.Errorf("%v is written as %s, want null", x, got)
		}
	}
}
