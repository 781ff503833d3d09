// Package config reads a project's isf.yaml, and gives others its Decoder for
// the YAML files that people write beside it.
//
// The file is read as a tree of nodes, so that every problem is told with its
// line and column, and all problems are told at once. Old files stay valid:
// every key of ours is optional. Order matters to the registry, so models and
// variants are lists in the order of the file. docs/isf.schema.json says the
// same keys for editors; a test keeps the two in step.
package config

import (
	"time"

	"github.com/identity-shaping/isf/internal/price"
)

// FileName is the file that makes a folder a project.
const FileName = "isf.yaml"

// A Config is what isf.yaml says, with defaults filled in.
type Config struct {
	Root              string // absolute path of the project
	Project           Project
	Providers         []Provider // the project's own, and settings for built-in ones
	Models            []Model    // plain models, in the order of the file, with what their provider adds
	Identity          Identity
	Prompts           PromptDirs
	WorkerConcurrency int
	Cache             Cache
	Budget            Budget
	Retry             Retry
	Pipelines         map[string]map[string]Param // pipelines.NAME.parameter
	Checks            Checks                      // of every target
	TargetChecks      map[string]Checks           // checks.targets.NAME: of single ones

	known []string // names of providers, built-in ones and the project's own
}

// A Project is what the project calls itself.
type Project struct {
	Name string // default: the identity's prefix as a title
}

// A Model is one entry of models, or the settings all models of the identity
// share. Zero values and nil pointers mean: not set.
type Model struct {
	Name          string // key under models; "" in Identity.Base
	Line          int    // where the entry begins in isf.yaml
	Provider      string
	ID            string // the provider's name for the model ("model" in isf.yaml)
	SysPrompt     string // text, from sysprompt or the file that sysprompt_file names
	SysPromptFile string // path relative to the root, "" if the text was given inline

	BaseURL   []string // several URLs of one model are a pool
	APIKeyEnv string   // environment variable that holds the key for BaseURL
	Weights   string   // models with equal weights share answers
	Headers   map[string]string
	Stream    *bool
	Timeouts  Timeouts

	Temperature        *float64
	TopP               *float64
	TopK               *int64
	MinP               *float64
	FrequencyPenalty   *float64
	PresencePenalty    *float64
	RepetitionPenalty  *float64
	MaxTokens          int64
	Stop               []string
	Seed               *int64
	ReasoningEffort    string
	ChatTemplateKwargs map[string]any
	Extra              map[string]any // fields of the request body, part of a request's key
	ExtraTransport     map[string]any // fields of the request body that cannot change the answer
	HistoryThinking    string         // "strip" or "echo": whether a model gets the thinking of its earlier turns back; "" is "strip"

	Price  *Price // nil: unknown
	Limits Limits
}

// A Price is in nano-USD (1e-9 USD) per million tokens, so that sums are exact.
type Price = price.Price

// Timeouts bound one try of a request; 0 means not set.
type Timeouts struct {
	Total   time.Duration
	Idle    time.Duration // between two bytes of a stream
	Connect time.Duration
}

// Limits are what the provider allows per minute; 0 means not configured.
type Limits struct {
	RPM, TPM int64
}

// Identity is the identity that is being shaped.
type Identity struct {
	Prefix         string
	ReleaseVersion string
	Provider       string
	Model          string
	Temperature    float64
	Variants       []Variant
	Base           Model // provider, model, temperature and every further setting of the identity's models
	Line           int
}

// A Variant is one system prompt of the identity.
type Variant struct {
	Name     string
	Template string         // file in the templates folder, default NAME.txt.j2
	Context  map[string]any // JSON-like values; mappings keep the order of the file (*prompts.Map)
	Line     int
}

// PromptDirs are paths relative to the root, with slashes.
type PromptDirs struct {
	IdentityDir  string
	TemplatesDir string
	VersionsDir  string
	RegistryPath string
}

// Cache is where answers are, beside the project's own .isf.
type Cache struct {
	Share string // folder of answers that others have published; absolute, or relative to the root; "" for none
}

// A Param is a parameter of a pipeline, set in isf.yaml.
type Param struct {
	Value any    // nil, bool, int64, float64, string, []any or map[string]any
	Place string // file:line
}
