package near

import "testing"

func TestBestSuggestsWhatWasProbablyMeant(t *testing.T) {
	known := []string{"temperature", "top_p", "model", "models", "judge", "identity-augmentation"}
	for name, want := range map[string]string{
		"temprature":            "temperature",
		"Temperature":           "temperature",
		"tpo_p":                 "top_p",
		"modle":                 "model",
		"identity-augmentaiton": "identity-augmentation",
		"jugde":                 "judge",
		"zebra":                 "",
		"":                      "",
		"x":                     "",
	} {
		if got := Best(name, known); got != want {
			t.Errorf("Best(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestBestPrefersTheFirstOfEquallyNearNames(t *testing.T) {
	if got, want := Best("ab", []string{"aa", "bb"}), "aa"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
