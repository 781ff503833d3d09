package pipelines

import (
	"strings"
	"testing"

	"github.com/identity-shaping/isf"
	"github.com/identity-shaping/isf/internal/prompts"
)

// Each prompt file shows the data that its pipeline gives it, and asks for the
// tag that the pipeline reads.
func TestPromptFilesRenderTheirData(t *testing.T) {
	for _, tt := range []struct {
		file string
		data any
		want []string
	}{
		{
			"facts.md",
			isf.Paragraph{Headings: []string{"Pell", "How I talk"}, Text: "I stop."},
			[]string{"<fact>", "Pell / How I talk", "<paragraph>\nI stop.\n</paragraph>"},
		},
		{
			"question.md",
			map[string]any{"fact": "Pell stops.", "angle": "The writer asks outright."},
			[]string{"<prompt>", "The writer asks outright.\n", "<fact>\nPell stops.\n</fact>"},
		},
		{
			"choice.md",
			map[string]any{"messages": isf.Messages{isf.User("shorter")}, "candidates": []string{"Yes.", "No."}},
			[]string{"<choice>", "<user>\nshorter\n</user>", "<answer n=\"1\">\nYes.\n</answer>", "<answer n=\"2\">\nNo.\n</answer>"},
		},
	} {
		text := render(t, "../prompts", tt.file, tt.data)
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not render %q, got:\n%s", tt.file, want, text)
			}
		}
	}
}

// The template leaves the version out, so a release of the same documents is
// the same bytes as the dev prompt, and the same requests.
func TestSystemPromptDoesNotDependOnTheVersion(t *testing.T) {
	data := func(version string) any {
		return map[string]any{"project": map[string]any{"name": "Pell"}, "IDENTITY": "I.", "NARRATIVE": "N.", "version": version}
	}
	dev := render(t, "../identity/templates", "full.txt.j2", data("dev"))
	if release := render(t, "../identity/templates", "full.txt.j2", data("v0.1")); release != dev {
		t.Errorf("v0.1 renders to %q, want what dev renders to: %q", release, dev)
	}
	if want := "<identity>\nI.\n</identity>\n\n<narrative>\nN.\n</narrative>"; !strings.Contains(dev, want) {
		t.Errorf("got %q, want it to hold %q", dev, want)
	}
}

func render(t *testing.T, dir, name string, data any) string {
	t.Helper()
	e, err := prompts.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	vars, err := prompts.FromJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.Render(name, vars)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
