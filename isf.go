// Package isf is what authors of pipelines write against.
//
// A pipeline is a Go struct whose exported fields are what it depends on: a
// Target, File, Dir, Glob, Prompt or Model names something outside, and any
// other field is a parameter. Its Build method returns Rows: for a dataset
// samples to train on, for a table rows of any struct. Each turns one record
// into rows with requests to models; the rest is done by the engine.
//
//	// Greetings asks the identity to greet each guest.
//	type Greetings struct {
//		Guests   isf.File   `isf:"guests.jsonl"`
//		Question isf.Prompt `isf:"prompts/greet.md"`
//		Identity isf.Model  `isf:"pell-release-full"`
//	}
//
//	func (p *Greetings) Build(b *isf.Build) isf.Rows[*isf.Sample] {
//		return isf.Each(b, "greet", isf.Read[Guest](b, p.Guests), func(t *isf.Task, g Guest) ([]*isf.Sample, error) {
//			q, err := t.Render(p.Question.With(g))
//			if err != nil {
//				return nil, err
//			}
//			a, err := t.Ask(p.Identity, isf.Text(q))
//			if err != nil {
//				return nil, err
//			}
//			return isf.One(isf.NewSample(isf.User(q), a.Message()))
//		})
//	}
//
// What always holds: a request that was answered once is never sent again;
// rows come out in the order of their records; ids come from content; a record
// that fails is kept as an error row, and one that the author skips is counted
// with its reason. Methods that ask may end the calling goroutine when a build
// stops, so nothing that must run belongs behind them except in a defer.
package isf

import (
	"os"
	"runtime"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/cli"
	"github.com/identity-shaping/isf/internal/engine"
)

// The types of a pipeline's dependency fields. The value comes from the tag
// `isf:"…"`, unless the literal that registers the pipeline sets it; so one
// type may be registered twice with other dependencies.
type (
	// Target names a target whose rows the pipeline reads, as "facts".
	Target = engine.Target
	// File is a path relative to the project's root.
	File = engine.File
	// Data is rows for Read: a .jsonl, .csv or .parquet file of the project, an
	// address that begins with http:// or https://, or a dataset of the hub as
	// hf://datasets/OWNER/NAME[@REVISION]/CONFIG/SPLIT. isf.yaml and --set may
	// set it as they set parameters.
	Data = engine.Data
	// Dir is a folder, relative to the project's root.
	Dir = engine.Dir
	// Glob is a pattern of files, relative to the project's root.
	Glob = engine.Glob
	// Prompt is a Jinja2 file under prompts/.
	Prompt = engine.Prompt
	// Model is a name in the registry.
	Model = engine.Model
)

type (
	// Build is one run of a pipeline.
	Build = engine.Build
	// Task works on one record.
	Task = engine.Task
	// Response is one answer of a model.
	Response = engine.Response
)

// A Pipeline is a registered pipeline, made by Dataset or Table.
type Pipeline = *engine.Pipeline

// Main runs the command line of a project with these pipelines and exits. It
// is the whole of a project's cmd/isf/main.go.
func Main(pipelines ...Pipeline) {
	os.Exit(cli.Main(os.Args[1:], pipelines))
}

// A Builder is an author's pipeline: T is what its rows are.
type Builder[T any] interface {
	Build(b *Build) Rows[T]
}

// Dataset registers a pipeline that makes samples to train on. Its output is
// training/data/NAME.jsonl.
func Dataset(name string, p Builder[*Sample], opts ...Option) Pipeline {
	return register(name, graph.Dataset, p, opts)
}

// Table registers a pipeline that makes rows for other pipelines. T is a
// struct; the field that is "id" in JSON names the row, and without one the
// row is named by what it was made from and its content.
func Table[T any](name string, p Builder[T], opts ...Option) Pipeline {
	return register(name, graph.Table, p, opts)
}

func register[T any](name string, kind graph.Kind, p Builder[T], opts []Option) Pipeline {
	_, file, line, _ := runtime.Caller(2) // of Dataset or Table
	out := &engine.Pipeline{
		Name: name, Kind: kind, Self: p, File: file, Line: line, MaxErrorRate: engine.DefaultMaxErrorRate,
		Run: func(b *Build) engine.Rows { return p.Build(b).rows },
	}
	for _, o := range opts {
		o(out)
	}
	return out
}

// An Option sets how a pipeline runs.
type Option func(Pipeline)

// Workers bounds the pipeline's requests in flight. Default: worker_concurrency
// of isf.yaml.
func Workers(n int) Option { return func(p Pipeline) { p.Workers = n } }

// Minimal writes rows without provenance: id and messages, or a table's own
// fields.
func Minimal() Option { return func(p Pipeline) { p.Minimal = true } }

// KeepMeta keeps the meta of samples in minimal rows.
func KeepMeta() Option { return func(p Pipeline) { p.KeepMeta = true } }

// MaxErrorRate is the share of records, 0 to 1, that may fail before the whole
// run counts as failed. Default 0.1.
func MaxErrorRate(share float64) Option { return func(p Pipeline) { p.MaxErrorRate = share } }

// Stable gives a table a lock file, training/data/NAME.lock.jsonl, to be
// committed. A row that says what a locked row of the same paragraph says, in
// other words, keeps that one's id and its text, so that a new prompt or model
// renames nothing that others are made from. field is the JSON name of the
// row's text. It holds for the rows of the table's last Each.
func Stable(field string) Option { return func(p Pipeline) { p.Stable = field } }

// Version stands for the pipeline's code: with it, only a change of version
// makes the target stale, and no change of the code does.
func Version(v string) Option { return func(p Pipeline) { p.Version = v } }
