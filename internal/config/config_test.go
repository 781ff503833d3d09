package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// project writes files into a new folder and returns it.
func project(t *testing.T, files map[string]string) string {
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
	return root
}

func load(t *testing.T, yaml string) *Config {
	t.Helper()
	c, err := Load(project(t, map[string]string{FileName: yaml, "prompts/judge.txt": "Be fair.\r\n"}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFileOfThePythonToolkitIsRead(t *testing.T) {
	c := load(t, `
project: {name: The Keeper}
models:
  judge: {provider: openrouter, model: z-ai/glm-4.6, temperature: 0.3, sysprompt: "Be fair."}
  writer:
    provider: tinker
    model: deepseek-ai/DeepSeek-V3.1
    sysprompt_file: prompts/judge.txt
identity:
  prefix: keeper
  release_version: v0.1
  provider: tinker
  model: deepseek-ai/DeepSeek-V3.1
  temperature: 1
  variants:
    full: {template: all.txt.j2, context: {tone: warm, formal: yes, z: {b: 1, a: 2}}}
    short:
prompts: {identity_dir: id, templates_dir: id/t, versions_dir: id/v, registry_path: out/registry.json}
worker_concurrency: 8
`)
	if got, want := c.Project.Name, "The Keeper"; got != want {
		t.Errorf("project name %q, want %q", got, want)
	}
	judge, writer := c.Models[0], c.Models[1]
	if judge.Name != "judge" || judge.ID != "z-ai/glm-4.6" || *judge.Temperature != 0.3 || judge.SysPrompt != "Be fair." || judge.Line != 4 {
		t.Errorf("judge is %+v", judge)
	}
	if writer.SysPrompt != "Be fair.\n" || writer.SysPromptFile != "prompts/judge.txt" || writer.Temperature != nil {
		t.Errorf("writer is %+v", writer)
	}
	id := c.Identity
	if id.Prefix != "keeper" || id.ReleaseVersion != "v0.1" || id.Provider != "tinker" || id.Temperature != 1 || id.Base.ID != "deepseek-ai/DeepSeek-V3.1" {
		t.Errorf("identity is %+v", id)
	}
	if len(id.Variants) != 2 || id.Variants[0].Template != "all.txt.j2" || id.Variants[1].Template != "short.txt.j2" {
		t.Fatalf("variants are %+v", id.Variants)
	}
	context, err := json.Marshal(id.Variants[0].Context)
	if got, want := string(context), `{"formal":true,"tone":"warm","z":{"b":1,"a":2}}`; err != nil || got != want {
		t.Errorf("context is %s (%v), want %s", got, err, want)
	}
	if got, want := c.Prompts, (PromptDirs{"id", "id/t", "id/v", "out/registry.json"}); got != want {
		t.Errorf("prompts are %+v, want %+v", got, want)
	}
	if c.WorkerConcurrency != 8 {
		t.Errorf("worker_concurrency is %d, want 8", c.WorkerConcurrency)
	}
}

func TestWhatTheFileDoesNotSayHasDefaults(t *testing.T) {
	c := load(t, "identity: {prefix: old-mill}\n")
	if got, want := c.Project.Name, "Old Mill"; got != want {
		t.Errorf("project name %q, want %q", got, want)
	}
	id := c.Identity
	if id.ReleaseVersion != "dev" || id.Provider != "openrouter" || id.Model != "anthropic/claude-sonnet-4" || id.Temperature != 0.7 {
		t.Errorf("identity is %+v", id)
	}
	if len(id.Variants) != 1 || id.Variants[0].Name != "full" || id.Variants[0].Template != "full.txt.j2" {
		t.Errorf("variants are %+v", id.Variants)
	}
	if got, want := c.Prompts, (PromptDirs{"identity", "identity/templates", "identity/versions", "registry.json"}); got != want {
		t.Errorf("prompts are %+v, want %+v", got, want)
	}
	if c.WorkerConcurrency != 50 {
		t.Errorf("worker_concurrency is %d, want 50", c.WorkerConcurrency)
	}
}

func TestOurOwnKeysAreRead(t *testing.T) {
	m := load(t, `
models:
  local:
    provider: openai_compatible
    model: qwen
    base_url: [http://a:1/v1, http://b:1/v1]
    api_key_env: MY_KEY
    weights: qwen3-8b
    headers: {X-Team: mill}
    timeout: 2m30s
    max_tokens: 100
    top_p: 0.9
    top_k: 40
    min_p: 0
    frequency_penalty: -0.5
    presence_penalty: 0.5
    repetition_penalty: 1.1
    stop: END
    seed: 7
    reasoning_effort: high
    chat_template_kwargs: {enable_thinking: off}
    extra: {nest: {a: [1, 2.5, "x", null]}}
    extra_transport: {route: fast}
    history_thinking: echo
    price: {prompt: 0.60, completion: "2.2", cached_prompt: 0.000000001}
    limits: {rpm: 60, tpm: 100000}
`).Models[0]
	if !reflect.DeepEqual(m.BaseURL, []string{"http://a:1/v1", "http://b:1/v1"}) || m.APIKeyEnv != "MY_KEY" || m.Weights != "qwen3-8b" {
		t.Errorf("connection is %+v", m)
	}
	if m.Headers["X-Team"] != "mill" || m.Timeouts.Total != 150*time.Second || m.MaxTokens != 100 || *m.TopK != 40 || *m.MinP != 0 {
		t.Errorf("settings are %+v", m)
	}
	if !reflect.DeepEqual(m.Stop, []string{"END"}) || *m.Seed != 7 || m.HistoryThinking != "echo" {
		t.Errorf("settings are %+v", m)
	}
	if got, want := *m.Price, (Price{Prompt: 600_000_000, Completion: 2_200_000_000, CachedPrompt: 1}); got != want {
		t.Errorf("price is %+v, want %+v", got, want)
	}
	want := map[string]any{"nest": map[string]any{"a": []any{int64(1), 2.5, "x", nil}}}
	if !reflect.DeepEqual(m.Extra, want) {
		t.Errorf("extra is %#v, want %#v", m.Extra, want)
	}
	if m.ChatTemplateKwargs["enable_thinking"] != false || m.Limits != (Limits{60, 100000}) {
		t.Errorf("settings are %+v", m)
	}
}

func TestBudgetsAndRetries(t *testing.T) {
	c := load(t, "budget:\n  per_build: {cost: 2.50, requests: 100}\n  per_day: {cost: \"20\", tokens: 5000000}\nretry: {tries: 9, longest_wait: 6h, deadline: 2h, pause_after: 40}\n")
	want := Budget{PerBuild: Spend{CostNano: 2_500_000_000, Requests: 100}, PerDay: Spend{CostNano: 20_000_000_000, Tokens: 5_000_000}, ConfirmAbove: 10_000_000_000}
	if c.Budget != want {
		t.Errorf("budget is %+v, want %+v", c.Budget, want)
	}
	if want := (Retry{9, 6 * time.Hour, 2 * time.Hour, 40}); c.Retry != want {
		t.Errorf("retry is %+v, want %+v", c.Retry, want)
	}
	if c := load(t, "budget: {confirm_above: 0}\n"); c.Budget.ConfirmAbove != 0 {
		t.Errorf("confirm_above is %d, want never", c.Budget.ConfirmAbove)
	}
}

func TestAModelHasWhatItsProviderAdds(t *testing.T) {
	c := load(t, `
models:
  plain: {provider: lab, model: a}
  own: {provider: lab, model: b, api_key_env: MINE, headers: {X-Team: mine}, limits: {rpm: 5}, timeout: 9s, stream: no, connect_timeout: 3, extra: {x: 2}}
  elsewhere: {provider: lab, model: c, base_url: https://other.example/v1}
  built-in: {provider: openrouter, model: d}
  stranger: {model: e, provider: openai}
identity: {provider: lab, model: f}
providers:
  lab:
    base_url: [https://a.example/v1, https://b.example/v1]
    api_key_env: LAB_KEY
    headers: {X-Team: mill, X-Project: isf}
    timeout: 2m
    idle_timeout: 30s
    stream: true
    limits: {rpm: 60, tpm: 9000}
    extra: {x: 1, y: 1}
    extra_transport: {route: fast}
  openrouter: {limits: {rpm: 7}}
`)
	lab := []string{"https://a.example/v1", "https://b.example/v1"}
	want := map[string]Model{
		"plain":     {BaseURL: lab, APIKeyEnv: "LAB_KEY", Headers: map[string]string{"X-Team": "mill", "X-Project": "isf"}, Stream: new(true), Timeouts: Timeouts{Total: 2 * time.Minute, Idle: 30 * time.Second}, Limits: Limits{60, 9000}, Extra: map[string]any{"x": int64(1), "y": int64(1)}},
		"own":       {BaseURL: lab, APIKeyEnv: "MINE", Headers: map[string]string{"X-Team": "mine", "X-Project": "isf"}, Stream: new(false), Timeouts: Timeouts{9 * time.Second, 30 * time.Second, 3 * time.Second}, Limits: Limits{5, 9000}, Extra: map[string]any{"x": int64(2), "y": int64(1)}},
		"elsewhere": {BaseURL: []string{"https://other.example/v1"}, Stream: new(true), Timeouts: Timeouts{Total: 2 * time.Minute, Idle: 30 * time.Second}, Limits: Limits{60, 9000}, Extra: map[string]any{"x": int64(1), "y": int64(1)}},
		"built-in":  {Limits: Limits{RPM: 7}},
		"stranger":  {},
		"identity":  {BaseURL: lab, APIKeyEnv: "LAB_KEY", Headers: map[string]string{"X-Team": "mill", "X-Project": "isf"}, Stream: new(true), Timeouts: Timeouts{Total: 2 * time.Minute, Idle: 30 * time.Second}, Limits: Limits{60, 9000}, Extra: map[string]any{"x": int64(1), "y": int64(1)}},
	}
	c.Identity.Base.Name = "identity"
	for _, m := range append(c.Models, c.Identity.Base) {
		got := Model{BaseURL: m.BaseURL, APIKeyEnv: m.APIKeyEnv, Headers: m.Headers, Stream: m.Stream, Timeouts: m.Timeouts, Limits: m.Limits, Extra: m.Extra}
		if !reflect.DeepEqual(got, want[m.Name]) {
			t.Errorf("%s: got\n%+v, want\n%+v", m.Name, got, want[m.Name])
		}
	}
}

func TestParametersOfPipelinesKeepTheirLines(t *testing.T) {
	c := load(t, "pipelines:\n  behaviour:\n    mix: {1: 0.5}\n    limit: 10\n")
	got := c.Pipelines["behaviour"]
	want := map[string]Param{"mix": {map[string]any{"1": 0.5}, "isf.yaml:3"}, "limit": {int64(10), "isf.yaml:4"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

func TestMergedKeysCount(t *testing.T) {
	c := load(t, "models:\n  a: &a {provider: sim, model: x, seed: 1}\n  b: {<<: *a, seed: 2}\n")
	b := c.Models[1]
	if b.Provider != "sim" || b.ID != "x" || *b.Seed != 2 {
		t.Errorf("b is %+v", b)
	}
}

// A line that is wrong is shown, but for one that may hold a password.
func TestAPasswordInAURLIsNotShown(t *testing.T) {
	_, err := Parse(t.TempDir(), []byte("models: {a: {provider: local, model: x, base_url: 'https://me:hunter2@h.example/v1'}}\n"))
	if err == nil || !strings.Contains(err.Error(), "isf.yaml:1:51: models.a.base_url holds a password for h.example: put it in .env") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestProblemsSayWhereAndWhatToWrite(t *testing.T) {
	for name, tt := range map[string]struct{ yaml, want string }{
		"unknown key": {
			"models:\n  judge:\n    provider: sim\n    model: x\n    temprature: 0.3\n",
			"isf.yaml:5:5: unknown key \"temprature\" in models.judge; did you mean \"temperature\"?\n    5 |     temprature: 0.3\n      |     ^",
		},
		"unknown key that is near none": {"zebra: 1\n", "isf.yaml:1:1: unknown key \"zebra\" at the top of the file; keys are project, providers, models, identity,"},
		"wrong type":                    {"models: {a: {model: x, temperature: warm}}\n", `isf.yaml:1:37: models.a.temperature must be a number, not the text "warm"`},
		"number for text":               {"identity: {prefix: 7}\n", "isf.yaml:1:20: identity.prefix must be text, not the number 7; put it in quotes if you mean the text"},
		"simulated weights":             {"models: {a: {provider: sim, weights: llama}}\n", "isf.yaml:1:10: models.a has weights, but its provider is the simulated model"},
		"weights of an identity":        {"identity: {provider: sim, weights: llama}\n", "identity has weights, but its provider"},
		"a word for stream":             {"models: {a: {model: x, stream: always}}\n", "models.a.stream must be true or false"},
		"boolean of YAML 1.1 for text":  {"identity: {prefix: no}\n", "identity.prefix must be text, not the boolean no; put it in quotes"},
		"boolean for a number":          {"worker_concurrency: on\n", "worker_concurrency must be a whole number, not the boolean on"},
		"list for mapping":              {"models: [a]\n", "models must be a mapping (key: value), not a list"},
		"list at the top":               {"- a\n", "the file must be a mapping (key: value), not a list"},
		"tab":                           {"models:\n\tjudge: {}\n", "isf.yaml:2:1: a tab in the indentation; YAML allows only spaces"},
		"empty":                         {"", "isf.yaml:1:1: the file is empty"},
		"only comments":                 {"# nothing\n", "isf.yaml:1:1: the file is empty"},
		"two documents":                 {"a: 1\n---\nb: 1\n", "several documents"},
		"not YAML":                      {"models: [\n", "this is not YAML"},
		"not UTF-8":                     {"project: {name: \xff}\n", "isf.yaml:1:17: the file is not UTF-8 text"},
		"missing sysprompt_file":        {"models: {a: {model: x, sysprompt_file: p.txt}}\n", `models.a.sysprompt_file: there is no file "p.txt" in the project`},
		"key given twice":               {"project: {name: a}\nproject: {name: b}\n", `isf.yaml:2:1: key "project" is given twice; the first is on line 1`},
		"variant given twice":           {"identity: {variants: [full, full]}\n", `variant "full" is given twice`},
		".. in a name":                  {"models: {../x: {model: y}}\n", `"../x" cannot name a model`},
		"folder outside of the project": {"prompts: {identity_dir: ../x}\n", "prompts.identity_dir must be a path inside the project"},
		"model without a model":         {"models: {a: {provider: openai}}\n", `models.a has no key "model"`},
		"empty model":                   {"models: {a: }\n", "models.a is empty"},
		"provider with a slip":          {"models: {a: {model: x, provider: opnrouter}}\n", `isf.yaml:1:34: models.a.provider: there is no provider "opnrouter"; did you mean "openrouter"?`},
		"a base_url without a scheme":   {"models: {a: {provider: local, model: x, base_url: 'localhost:8080/v1'}}\n", "isf.yaml:1:51: models.a.base_url is not of the form https://host/path"},
		"an extra that has a key":       {"models: {a: {provider: sim, model: x, extra: {top_a: 1, top_p: 0.5}}}\n", "isf.yaml:1:57: models.a.extra: extra field \"top_p\": set top_p itself, not as an extra"},
		"an extra that only travels":    {"models: {a: {provider: sim, model: x, extra: {service_tier: flex}}}\n", "put it under extra_transport"},
		"an extra that shapes":          {"providers: {lab: {base_url: https://l.example/v1, extra_transport: {tools: []}}}\n", "shapes the answer: put it under extra"},
		"provider near none":            {"identity: {provider: zzz}\n", "built-in are anthropic, azure, chutes"},
		"a provider near an own one":    {"models: {a: {model: x, provider: lba}}\nproviders: {lab: {base_url: https://lab.example/v1}}\n", `did you mean "lab"?`},
		"own provider without a URL":    {"providers: {lab: {api_key_env: LAB}}\n", "isf.yaml:1:13: providers.lab has no base_url"},
		"key of a provider":             {"providers: {lab: {base_url: https://lab.example/v1, api_key_en: LAB}}\n", `unknown key "api_key_en" in providers.lab; did you mean "api_key_env"?`},
		"word of a few":                 {"models: {a: {model: x, history_thinking: ecko}}\n", `did you mean "echo"?`},
		"too few workers":               {"worker_concurrency: 0\n", "worker_concurrency must be at least 1"},
		"price with words":              {"models: {a: {model: x, price: {prompt: cheap, completion: 1}}}\n", "a price in USD per million tokens"},
		"half a price":                  {"models: {a: {model: x, price: {prompt: 1}}}\n", "needs both prompt and completion"},
		"a budget of nothing":           {"budget: {per_build: {cost: 0}}\n", "budget.per_build.cost must be above 0; to send nothing, build with --offline"},
		"a budget in words":             {"budget: {per_day: {cost: $5}}\n", `budget.per_day.cost must be an amount in USD, such as 2.50, not the text "$5"`},
		"a budget for nobody":           {"budget: {per_week: {cost: 5}}\n", `unknown key "per_week" in budget`},
		"no tries":                      {"retry: {tries: 0}\n", "retry.tries must be at least 1"},
		"time without unit":             {"models: {a: {model: x, timeout: soon}}\n", "a time such as 90s or 2m"},
	} {
		_, err := Parse(t.TempDir(), []byte(tt.yaml))
		var ps Problems
		if !errors.As(err, &ps) || len(ps) != 1 {
			t.Errorf("%s: got %v, want one problem", name, err)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got\n%v\nwant\n%s", name, err, tt.want)
		}
	}
}

func TestAllProblemsAreToldAtOnceInTheOrderOfTheFile(t *testing.T) {
	_, err := Parse(t.TempDir(), []byte("worker_concurrency: many\nmodels:\n  judge: {modle: x}\n  b: {model: 1}\nprojct: {}\n"))
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatal(err)
	}
	var lines []int
	for _, p := range ps {
		lines = append(lines, p.Line)
	}
	if want := []int{1, 3, 4, 5}; !reflect.DeepEqual(lines, want) {
		t.Errorf("problems on lines %v, want %v:\n%v", lines, want, err)
	}
}

func TestFindRootWalksUpToTheFirstProject(t *testing.T) {
	root := project(t, map[string]string{FileName: "{}\n", "a/b/c.txt": ""})
	got, err := FindRoot(filepath.Join(root, "a", "b"))
	if err != nil || got != root {
		t.Errorf("got %q, %v, want %q", got, err, root)
	}
	empty := t.TempDir()
	_, err = FindRoot(empty)
	if want := "Cannot find ISF project: no isf.yaml in " + empty + " or its parents"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
