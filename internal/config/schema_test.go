package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A schema is the part of JSON Schema that docs/isf.schema.json uses.
type schema struct {
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	OneOf                []schema          `json:"oneOf"`
	Description          string            `json:"description"`
}

// values is the schema of what a mapping with free keys holds.
func (s schema) values(t *testing.T) schema {
	t.Helper()
	var v schema
	if err := json.Unmarshal(s.AdditionalProperties, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaHasTheKeysThatAreAccepted(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "isf.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var top schema
	if err := json.Unmarshal(text, &top); err != nil {
		t.Fatal(err)
	}
	var c Config
	var m Model
	var v Variant
	var p Provider
	identity, model := top.Properties["identity"], top.Properties["models"].values(t)
	for name, tt := range map[string]struct {
		in     schema
		fields []Field
	}{
		"the top":     {top, c.fields()},
		"cache":       {top.Properties["cache"], c.Cache.fields()},
		"project":     {top.Properties["project"], c.Project.fields()},
		"models.*":    {model, append(m.fields(nil), m.promptFields()...)},
		"limits":      {model.Properties["limits"], m.Limits.fields()},
		"providers.*": {top.Properties["providers"].values(t), p.fields()},
		"budget":      {top.Properties["budget"], c.Budget.fields()},
		"per_build":   {top.Properties["budget"].Properties["per_build"], c.Budget.PerBuild.fields()},
		"per_day":     {top.Properties["budget"].Properties["per_day"], c.Budget.PerDay.fields()},
		"retry":       {top.Properties["retry"], c.Retry.fields()},
		"identity":    {identity, c.Identity.fields(nil)},
		"variants":    {identity.Properties["variants"].OneOf[1].values(t), v.fields()},
		"prompts":     {top.Properties["prompts"], c.Prompts.fields()},

		"checks":           {top.Properties["checks"], append(c.Checks.fields(), Field{"targets", nil})},
		"checks.targets.*": {top.Properties["checks"].Properties["targets"].values(t), c.Checks.fields()},
	} {
		var got, want []string
		for key, p := range tt.in.Properties {
			got = append(got, key)
			if p.Description == "" {
				t.Errorf("%s: the schema does not say what %s is", name, key)
			}
		}
		for _, f := range tt.fields {
			want = append(want, f.Name)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has the keys\n  %v, accepted are\n  %v", name, got, want)
		}
	}
}
