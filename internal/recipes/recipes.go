// Package recipes mixes datasets into files to train on.
//
// A Recipe is a file training/data/NAME.yaml: categories of samples, each from
// pipelines and files, and how much of each category goes in. Scan reads every
// source once and checks each row; Write reads the chosen rows again, at the
// places Scan remembered, and writes them in their final order.
//
// What always holds:
//   - The same recipe, seed and rows give the same bytes on every machine.
//     Order and choice come from hashes of record ids, never from a generator
//     or from arrival; so one more row moves no other.
//   - Shares are computed in exact fractions.
//   - What is available is counted after every filter, and each row that is
//     left out is counted by its reason.
//   - Memory does not grow with the number of rows: what must be remembered of
//     each of them is sorted in files.
package recipes

import "math/big"

// Version names what this package makes of equal inputs. It changes when an
// unchanged recipe would come out differently.
const Version = 1

// A Mode says how much of each category goes in.
type Mode string

const (
	Simple   Mode = "simple"   // all of it
	Weighted Mode = "weighted" // as much as the weights allow, in their proportion
)

// Thinking says what becomes of reasoning in answers.
type Thinking string

const (
	Require Thinking = "require" // every answer thinks, or the sample is left out
	Allow   Thinking = "allow"   // an answer may think; broken tags are left out
	Strip   Thinking = "strip"   // thinking is removed
)

// Dedupe says which samples are too much alike to be kept both.
type Dedupe string

const (
	DedupeNone  Dedupe = ""
	DedupeExact Dedupe = "exact" // equal roles and texts
	DedupeNear  Dedupe = "near"  // nearly equal words
)

// A Format is the shape of the rows that are written. The families of package
// chattext are formats, too: {"id", "text"}.
type Format string

const (
	ISF      Format = "isf"      // {"id", "messages"}
	OpenAI   Format = "openai"   // {"messages"}
	ShareGPT Format = "sharegpt" // {"id", "conversations": [{"from", "value"}]}
	ChatML   Format = "chatml"   // {"id", "text"}, the family of plain ChatML
)

// FormatParquet is what a recipe calls ISF in a Parquet file.
const FormatParquet = "parquet"

// A Recipe says what goes into a file to train on.
type Recipe struct {
	Name       string
	Path       string // relative to the root
	Mode       Mode
	Categories []Category // in the order of the file, at least one

	Seed         *int64 // of the shuffle; nil leaves the order of the recipe
	Dedupe       Dedupe
	MaxPerSource int // samples from one source; 0 is all
	Split        *Split
	Format       Format
	Render       Format // the family whose text the rows are; "" is none
	Parquet      bool   // rows are in a Parquet file, not in lines
	DropSystem   bool   // leave system messages out
}

// Shape is what the rows are.
func (r *Recipe) Shape() Format {
	if r.Render != "" {
		return r.Render
	}
	return r.Format
}

// A Category is a share of the mix.
type Category struct {
	Name      string
	Pipelines []string // `all` is spelled out
	Files     []File
	Weight    *big.Rat // nil if the recipe gives none
	Thinking  Thinking
	Line      int
}

// A File is a JSONL file of samples.
type File struct {
	Name string // as the recipe writes it, relative to the recipe
	Path string // relative to the root
}

// A Split divides the mix in two files. Only the proportion counts.
type Split struct{ Train, Validation *big.Rat }

// The kinds of sources, as messages name them.
const (
	FromPipeline = "pipeline"
	FromFile     = "file"
)

// A Source is one place that samples of a category come from.
type Source struct {
	Category int    // index into the recipe's categories
	Kind     string // FromPipeline or FromFile
	Name     string
	Path     string // of its rows, relative to the root
}

// Sources lists where the recipe's samples come from, in its order. output is
// the path of a pipeline's rows.
func (r *Recipe) Sources(output func(pipeline string) string) []Source {
	var all []Source
	for i, c := range r.Categories {
		for _, p := range c.Pipelines {
			all = append(all, Source{i, FromPipeline, p, output(p)})
		}
		for _, f := range c.Files {
			all = append(all, Source{i, FromFile, f.Name, f.Path})
		}
	}
	return all
}
