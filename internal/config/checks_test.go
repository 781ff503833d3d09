package config

import (
	"slices"
	"strings"
	"testing"
)

func TestATargetsThresholdsBeginAsThoseOfAll(t *testing.T) {
	c := load(t, `
identity: {prefix: pell}
checks:
  targets:
    facts: {off: volume, opening: 1}
    training/data/other:
  off: [length]
  min_samples: 50
  may_claim: Llama
`)
	all, facts := c.ChecksOf("training/data/behaviour", "behaviour"), c.ChecksOf("training/data/facts", "facts")
	if all.MinSamples != 50 || all.Opening != DefaultChecks().Opening || !slices.Equal(all.MayClaim, []string{"Llama"}) {
		t.Errorf("the thresholds of all are %+v", all)
	}
	if facts.MinSamples != 50 || facts.Opening != 1 || !slices.Equal(facts.Off, []string{"length", "volume"}) || !slices.Equal(all.Off, []string{"length"}) {
		t.Errorf("the thresholds of facts are %+v, of all %+v", facts, all)
	}
}

func TestThresholdsThatCannotBeAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"opening: 10":                    "checks.opening is a share of the samples: a number from 0 to 1",
		"min_samples: -1":                "checks.min_samples must be at least 0",
		"openings: 1":                    `unknown key "openings" in checks; did you mean "opening"?`,
		"targets: {facts: {phrases: 1}}": `unknown key "phrases" in checks.targets.facts; did you mean "phrase"?`,
		"targets: {../facts: {}}":        `"../facts" cannot name a target`,
	} {
		_, err := Load(project(t, map[string]string{FileName: "checks: {" + text + "}"}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
