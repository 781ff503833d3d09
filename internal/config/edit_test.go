package config

import (
	"strings"
	"testing"
)

func TestSetReleaseChangesNothingElse(t *testing.T) {
	for name, tt := range map[string]struct{ before, after string }{
		"plain": {
			"# top\nidentity:   # who\n  prefix: keeper\n  release_version: v0.1   # what release means\n  variants: [full]\n\nmodels:\n  judge: {model: x}\n",
			"# top\nidentity:   # who\n  prefix: keeper\n  release_version: v0.2   # what release means\n  variants: [full]\n\nmodels:\n  judge: {model: x}\n",
		},
		"quoted":              {"identity: {release_version: 'v0.1', prefix: a}\n", "identity: {release_version: 'v0.2', prefix: a}\n"},
		"double quoted":       {"identity:\n  release_version: \"v0.1\"\n", "identity:\n  release_version: \"v0.2\"\n"},
		"no newline at end":   {"identity:\n  release_version: dev", "identity:\n  release_version: v0.2"},
		"Windows line ends":   {"identity:\r\n  prefix: a\r\n", "identity:\r\n  prefix: a\r\n  release_version: v0.2\r\n"},
		"after the prefix":    {"identity:\n    # name\n    prefix: a # b\n    model: x\n", "identity:\n    # name\n    prefix: a # b\n    release_version: v0.2\n    model: x\n"},
		"first of others":     {"identity:\n  variants:\n  - full\n", "identity:\n  release_version: v0.2\n  variants:\n  - full\n"},
		"flow":                {"identity: {prefix: é}\n", "identity: {release_version: v0.2, prefix: é}\n"},
		"empty flow":          {"identity: {}\n", "identity: {release_version: v0.2}\n"},
		"empty value":         {"identity:\n  release_version:\n  prefix: a\n", "identity:\n  release_version: v0.2\n  prefix: a\n"},
		"empty identity":      {"identity: # later\nmodels: {}\n", "identity: {release_version: v0.2} # later\nmodels: {}\n"},
		"no identity":         {"models: {}", "models: {}\nidentity: {release_version: v0.2}\n"},
		"all in one line":     {"{models: {}}\n", "{identity: {release_version: v0.2}, models: {}}\n"},
		"behind wide letters": {"identity: {prefix: 日本é, release_version: v0.1}\n", "identity: {prefix: 日本é, release_version: v0.2}\n"},
		"alias":               {"x: &v v0.1\nidentity: {release_version: *v }\n", "x: &v v0.1\nidentity: {release_version: v0.2 }\n"},
		"document marks":      {"---\nidentity:\n  release_version: v0.1\n...\n", "---\nidentity:\n  release_version: v0.2\n...\n"},
		"a number by mistake": {"identity:\n  release_version: 1.0 # c\n", "identity:\n  release_version: v0.2 # c\n"},
	} {
		got, err := SetRelease([]byte(tt.before), "v0.2")
		if err != nil || string(got) != tt.after {
			t.Errorf("%s: got %v\n%q, want\n%q", name, err, got, tt.after)
		}
	}
}

func TestSetReleaseRefusesWhatItCannotEdit(t *testing.T) {
	for _, text := range []string{
		"identity:\n  release_version: |\n    v0.1\n",
		"identity:\n  release_version: !!str v0.1\n",
		"a: &i {prefix: x}\nidentity: *i\n",
	} {
		got, err := SetRelease([]byte(text), "v0.2")
		if err == nil || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("%q: got %q, %v, want a refusal", text, got, err)
		}
	}
}
