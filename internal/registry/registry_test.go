package registry

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/identity-shaping/isf/internal/config"
)

const settings = `# the mill
project: {name: Keeper of the Mill}
models:
  judge: {provider: openrouter, model: z-ai/glm-4.6, temperature: 0.3, sysprompt: "Be fair <always>."}
  plain: {model: x/y}
identity:
  prefix: keeper
  release_version: v0.1
  provider: tinker
  model: deepseek-ai/DeepSeek-V3.1
  temperature: 0.5   # warm
  max_tokens: 100
  variants:
    short: {template: other.j2, context: {tone: dry, IDENTITY: overridden, variant: ignored}}
    full:
`

func files() map[string]string {
	return map[string]string{
		config.FileName:                              settings,
		"identity/NARRATIVE.md":                      "Once.\r\nTwice.\r",
		"identity/IDENTITY.md":                       "I keep the mill.",
		"identity/artifacts/foo.md":                  "foo",
		"identity/artifacts-old.md":                  "old",
		"identity/notes.txt":                         "not a document",
		"identity/templates/full.txt.j2":             "{{ project.name }} {{ version }} {{ variant }}\n{% include 'part.j2' %}{{ IDENTITY }}|{{ NARRATIVE }}|{{ docs['artifacts/foo'] }}|{% for d in identity_docs %}{{ d.name }}={{ d.path }};{% endfor %}\n",
		"identity/templates/part.j2":                 "part\n",
		"identity/templates/other.j2":                "{{ variant }} {{ tone }} {{ IDENTITY }}",
		"identity/versions/v0.1/sysprompts/full.txt": "frozen\r\nfull é",
		"identity/versions/v0.1/sysprompts/gone.txt": "frozen gone",
		"identity/versions/dev/sysprompts/old.txt":   "of a variant that isf.yaml no longer has",
		"identity/versions/README.txt":               "no version",
	}
}

// load writes files into a new project and loads its registry.
func load(t *testing.T, files map[string]string) *Registry {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return reload(t, root)
}

func reload(t *testing.T, root string) *Registry {
	t.Helper()
	cfg, err := config.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(root, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func lookup(t *testing.T, r *Registry, name string) Model {
	t.Helper()
	m, err := r.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestModelsComeInTheOrderOfThePythonToolkit(t *testing.T) {
	fs := files()
	fs["training/logs/E027/checkpoints.jsonl"] = `{"name": "000192", "sampler_path": "tinker://a"}` + "\n" +
		`{"name": "state-only", "state_path": "tinker://s"}` + "\n\n" + `{"name": "final", "sampler_path": "tinker://b"}` + "\n" + `{"name": "half`
	fs["training/logs/E027/train-config.json"] = `{"base_model": "Qwen/Qwen3"}`
	fs["training/logs/E027/config.json"] = `{"dataset_builder": {"common_config": {"renderer_name": "role_colon"}}}`
	fs["training/logs/e028/checkpoints.jsonl"] = `{"name": "final", "sampler_path": "tinker://c"}`
	fs["training/logs/e028/train-config.json"] = `{"base_model": "Qwen/Qwen3", "backend": "tinker"}`
	fs["training/logs/e029/checkpoints.jsonl"] = `{"name": "final", "sampler_path": "tinker://d"}` // no train-config.json
	fs["training/logs/e030/checkpoints.jsonl"] = `{"name": "final"}`
	fs["training/logs/e030/train-config.json"] = `{"base_model": "b", "backend": "unsloth", "backend_options": {"registry": {"model": "served", "temperature": 0.1}}}`
	fs["training/logs/e031/checkpoints.jsonl"] = ""
	fs["training/logs/e031/train-config.json"] = `{"base_model": "b", "backend": "axolotl"}`
	fs["training/logs/e031/artifacts.json"] = `{"registry": {"provider": "openai_compatible", "model": "h:1/m"}}`
	fs["training/logs/e032/checkpoints.jsonl"] = ""
	fs["training/logs/e032/train-config.json"] = `{"base_model": "b", "backend": "unsloth"}` // serves nothing
	fs["training/logs/notes.txt"] = ""
	var got []string
	for _, m := range load(t, fs).Models() {
		line := []string{m.Name, m.Provider, m.ID, "-"}
		if m.Temperature != nil {
			line[3] = strconv.FormatFloat(*m.Temperature, 'g', -1, 64)
		}
		got = append(got, strings.Join(line, " "))
	}
	ds := "tinker deepseek-ai/DeepSeek-V3.1 0.5"
	want := []string{
		"judge openrouter z-ai/glm-4.6 0.3",
		"plain openrouter x/y -",
		"e027-000192 tinker Qwen/Qwen3::role_colon::tinker://a 0.5",
		"e027 tinker Qwen/Qwen3::role_colon::tinker://b 0.5",
		"e028 tinker Qwen/Qwen3::qwen3::tinker://c 0.5",
		"e030 local served 0.1",
		"e031 openai_compatible h:1/m 0.5",
		"keeper-dev-full " + ds,
		"keeper-dev-short " + ds,
		"keeper-v0.1-full " + ds,
		"keeper-release-full " + ds,
		"keeper-v0.1-gone " + ds,
		"keeper-release-gone " + ds,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestDevPromptsAreRenderedFromTheDocuments(t *testing.T) {
	r := load(t, files())
	full := lookup(t, r, "keeper-dev-full")
	want := "Keeper of the Mill dev full\npart\nI keep the mill.|Once.\nTwice.\n|foo|" +
		"IDENTITY=identity/IDENTITY.md;NARRATIVE=identity/NARRATIVE.md;artifacts/foo=identity/artifacts/foo.md;artifacts-old=identity/artifacts-old.md;\n"
	if full.SysPrompt != want {
		t.Errorf("got %q, want %q", full.SysPrompt, want)
	}
	if got, want := full.PromptTarget, "identity/versions/dev/sysprompts/full"; got != want {
		t.Errorf("target %q, want %q", got, want)
	}
	if full.Config.MaxTokens != 100 || full.Config.SysPrompt != full.SysPrompt || full.Config.Name != full.Name {
		t.Errorf("config is %+v", full.Config)
	}
	if got, want := lookup(t, r, "keeper-dev-short").SysPrompt, "short dry overridden"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReleasedPromptsAreTheFrozenFiles(t *testing.T) {
	r := load(t, files())
	for _, name := range []string{"keeper-v0.1-full", "keeper-release-full"} {
		m := lookup(t, r, name)
		if m.SysPrompt != "frozen\nfull é" || m.PromptTarget != "" || m.Config.Name != name {
			t.Errorf("%s is %+v", name, m)
		}
	}
}

func TestAReleaseWithoutFilesIsAnErrorOnlyOfItsModels(t *testing.T) {
	fs := files()
	fs[config.FileName] = strings.ReplaceAll(settings, "v0.1", "v9")
	r := load(t, fs)
	lookup(t, r, "keeper-dev-full")
	lookup(t, r, "keeper-v0.1-full")
	for _, name := range []string{"keeper-release-full", "keeper-v9-full"} {
		_, err := r.Lookup(name)
		if err == nil || !strings.Contains(err.Error(), "there is no identity/versions/v9/sysprompts/full.txt") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestATemplateThatFailsIsAnErrorOnlyOfItsModels(t *testing.T) {
	fs := files()
	fs["identity/templates/full.txt.j2"] = "secret text\n{% if x %}\n"
	r := load(t, fs)
	lookup(t, r, "keeper-dev-short")
	_, err := r.Lookup("keeper-dev-full")
	if err == nil || !strings.Contains(err.Error(), "full.txt.j2:3: ") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if _, err := r.JSON(); err == nil {
		t.Error("registry.json was made without a prompt")
	}
	in, err := r.Inputs("full")
	if want := []string{"identity/templates/full.txt.j2"}; err != nil || !reflect.DeepEqual(in.Templates, want) {
		t.Errorf("inputs are %v, %v", in, err)
	}
}

func TestInputsNameEveryTemplate(t *testing.T) {
	in, err := load(t, files()).Inputs("full")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"identity/templates/full.txt.j2", "identity/templates/part.j2"}; !reflect.DeepEqual(in.Templates, want) {
		t.Errorf("templates are %v, want %v", in.Templates, want)
	}
	if in.Documents != "identity" || in.Output != "identity/versions/dev/sysprompts/full.txt" {
		t.Errorf("inputs are %+v", in)
	}
}

func TestRenderDevSeesTheFilesAsTheyAreNow(t *testing.T) {
	r := load(t, files())
	file := filepath.Join(r.root, "identity", "templates", "other.j2")
	if err := os.WriteFile(file, []byte("new {{ NARRATIVE | length }}"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := r.RenderDev("short")
	if want := "new 13"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := r.RenderDev("shrot"); err == nil || !strings.Contains(err.Error(), `did you mean "short"?`) {
		t.Errorf("got %v", err)
	}
}

func TestNamesAreExactForPipelinesAndLenientForPeople(t *testing.T) {
	r := load(t, files())
	if _, err := r.Lookup("Judge"); err == nil || err.Error() != `there is no model "Judge"; did you mean "judge"?` {
		t.Errorf("got %v", err)
	}
	if m, err := r.Find("JUDGE"); err != nil || m.Name != "judge" {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := r.Find("jugde"); err == nil || !strings.Contains(err.Error(), `did you mean "judge"?`) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Find("zebra"); err == nil || !strings.Contains(err.Error(), "models are judge, plain, keeper-dev-full") {
		t.Errorf("got %v", err)
	}
}

func TestJSONHasTheFieldsOfThePythonToolkitInOrder(t *testing.T) {
	fs := files()
	fs[config.FileName] = strings.Split(settings, "  variants:")[0]
	delete(fs, "identity/versions/v0.1/sysprompts/gone.txt")
	fs["identity/templates/full.txt.j2"] = ""
	got, err := load(t, fs).JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "version": 1,
  "models": {
    "judge": {
      "provider": "openrouter",
      "model": "z-ai/glm-4.6",
      "params": {
        "temperature": 0.3
      },
      "sysprompt": "Be fair <always>."
    },
    "plain": {
      "provider": "openrouter",
      "model": "x/y",
      "params": {
        "temperature": 0.7
      },
      "sysprompt": null
    },
    "keeper-dev-full": {
      "provider": "tinker",
      "model": "deepseek-ai/DeepSeek-V3.1",
      "params": {
        "temperature": 0.5
      },
      "sysprompt": ""
    },
    "keeper-v0.1-full": {
      "provider": "tinker",
      "model": "deepseek-ai/DeepSeek-V3.1",
      "params": {
        "temperature": 0.5
      },
      "sysprompt": "frozen\nfull é"
    },
    "keeper-release-full": {
      "provider": "tinker",
      "model": "deepseek-ai/DeepSeek-V3.1",
      "params": {
        "temperature": 0.5
      },
      "sysprompt": "frozen\nfull é"
    }
  }
}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAProjectWithoutIdentityHasItsPlainModels(t *testing.T) {
	r := load(t, map[string]string{config.FileName: "models: {judge: {model: x}}\n"})
	lookup(t, r, "judge")
	_, err := r.Lookup("identity-dev-full")
	if err == nil || !strings.Contains(err.Error(), "full.txt.j2") {
		t.Errorf("got %v, want the name of the missing template", err)
	}
}

func TestBrokenRunsAreToldWithFileAndLine(t *testing.T) {
	fs := files()
	fs["training/logs/e1/checkpoints.jsonl"] = "{\"name\": \"final\", \"sampler_path\": \"x\"}\nnot json\n"
	fs["training/logs/e1/train-config.json"] = `{"base_model": "b"}`
	root := load(t, files()).root
	for name, text := range fs {
		file := filepath.Join(root, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(file), 0o755)
		os.WriteFile(file, []byte(text), 0o644)
	}
	cfg, _ := config.Load(root)
	_, err := Load(root, cfg)
	if err == nil || !strings.Contains(err.Error(), "training/logs/e1/checkpoints.jsonl:2:") {
		t.Errorf("got %v", err)
	}
}
