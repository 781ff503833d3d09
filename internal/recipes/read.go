package recipes

import (
	"fmt"
	"math/big"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/chattext"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/near"
)

// Pipelines are the names a recipe may use.
type Pipelines struct {
	Datasets []string // in the order that `all` has
	Tables   []string // known, but their rows are no samples
}

// Read reads a recipe. file is its path relative to the root. The error is
// config.Problems, all of them at once.
func Read(file string, text []byte, known Pipelines) (*Recipe, error) {
	d, n := config.Document(file, text, "the file is empty; a recipe needs at least: categories: {NAME: {pipelines: all}}")
	r := &Recipe{Name: NameOf(file), Path: file, Mode: Simple, Format: ISF}
	if n != nil {
		rd := &reader{recipe: r, known: known}
		rd.top(d, n)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// NameOf is the name of the recipe in a file.
func NameOf(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

// A reader keeps what can be judged only when the whole file was read.
type reader struct {
	recipe  *Recipe
	known   Pipelines
	weights map[string]weight // of `weights`
	order   []string          // their names, in the order of the file
	within  map[string]weight // of `weight` in a category
	think   Thinking
}

type weight struct {
	share *big.Rat
	at    *yaml.Node
}

func (rd *reader) top(d *config.Decoder, n *yaml.Node) {
	r := rd.recipe
	rd.think, rd.weights, rd.within = Require, map[string]weight{}, map[string]weight{}
	system := "include"
	var categories, render *yaml.Node
	d.Section(n, "", []config.Field{
		{Name: "categories", Read: func(_ *config.Decoder, n *yaml.Node, _ string) { categories = n }},
		{Name: "mode", Read: config.OneOf((*string)(&r.Mode), string(Simple), string(Weighted))},
		{Name: "weights", Read: rd.readWeights},
		{Name: "shuffle_seed", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			if i, ok := d.Integer(n, path, -1<<63); ok {
				r.Seed = &i
			}
		}},
		{Name: "thinking", Read: readThinking(&rd.think)},
		{Name: "dedupe", Read: config.OneOf((*string)(&r.Dedupe), string(DedupeExact), string(DedupeNear))},
		{Name: "max_per_source", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			if i, ok := d.Integer(n, path, 1); ok {
				r.MaxPerSource = int(i)
			}
		}},
		{Name: "split", Read: rd.readSplit},
		{Name: "format", Read: config.OneOf((*string)(&r.Format), string(ISF), string(OpenAI), string(ShareGPT), string(ChatML), FormatParquet)},
		{Name: "render", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			render = n
			config.OneOf((*string)(&r.Render), chattext.Names()...)(d, n, path)
		}},
		{Name: "system", Read: config.OneOf(&system, "none", "include")},
	})
	r.DropSystem = system == "none"
	if r.Format == FormatParquet {
		r.Format, r.Parquet = ISF, true
	}
	if r.Render != "" && r.Format != ISF {
		d.Fault(render, "render makes a text of each sample, and format %s wants its messages; leave format out, or make it parquet", r.Format)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	if categories == nil {
		d.Fault(n, "the recipe has no categories; it needs at least one, as in: categories: {NAME: {pipelines: all}}")
		return
	}
	rd.readCategories(d, categories)
	rd.weigh(d)
}

func readThinking(to *Thinking) func(*config.Decoder, *yaml.Node, string) {
	return config.OneOf((*string)(to), string(Require), string(Allow), string(Strip))
}

func (rd *reader) readCategories(d *config.Decoder, n *yaml.Node) {
	const path = "categories"
	if !d.Mapping(n, path) {
		return
	}
	pairs := d.Pairs(n, path)
	if len(pairs) == 0 {
		d.Fault(n, "the recipe has no categories; it needs at least one")
	}
	for _, p := range pairs {
		rd.readCategory(d, p)
	}
}

func (rd *reader) readCategory(d *config.Decoder, p config.Pair) {
	c := Category{Name: p.Key.Value, Thinking: rd.think, Line: p.Key.Line}
	path := "categories." + c.Name
	if config.IsNull(p.Value) {
		d.Fault(p.Key, "%s is empty; it needs pipelines or files", path)
		return
	}
	before := d.Count()
	d.Section(p.Value, path, []config.Field{
		{Name: "pipelines", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			c.Pipelines = rd.pipelines(d, n, path)
		}},
		{Name: "files", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			c.Files = rd.files(d, n, path)
		}},
		{Name: "weight", Read: func(d *config.Decoder, n *yaml.Node, path string) {
			if share, ok := share(d, n, path); ok {
				rd.within[c.Name] = weight{share, n}
			}
		}},
		{Name: "thinking", Read: readThinking(&c.Thinking)},
	})
	if len(c.Pipelines)+len(c.Files) == 0 && d.Count() == before {
		d.Fault(p.Key, "%s has neither pipelines nor files", path)
	}
	rd.recipe.Categories = append(rd.recipe.Categories, c)
}

// pipelines reads a list of names, or `all`.
func (rd *reader) pipelines(d *config.Decoder, n *yaml.Node, path string) []string {
	if n.Kind == yaml.ScalarNode && n.Value == "all" {
		if len(rd.known.Datasets) == 0 {
			d.Fault(n, "%s: this isf knows no pipelines of samples", path)
		}
		return slices.Clone(rd.known.Datasets)
	}
	return list(d, n, path, "a list of names, or all", func(item *yaml.Node, name string) {
		switch {
		case slices.Contains(rd.known.Datasets, name):
		case slices.Contains(rd.known.Tables, name):
			d.Fault(item, "pipeline %q makes a table, whose rows are no samples to train on", name)
		default:
			d.Fault(item, "there is no pipeline %q%s", name, suggest(name, rd.known.Datasets))
		}
	})
}

func suggest(name string, known []string) string {
	if best := near.Best(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) == 0 {
		return ": this isf knows none"
	}
	return "; pipelines of samples are " + strings.Join(known, ", ")
}

// files reads a list of paths, which are relative to the recipe.
func (rd *reader) files(d *config.Decoder, n *yaml.Node, field string) []File {
	var files []File
	list(d, n, field, "a list of paths", func(item *yaml.Node, name string) {
		at := path.Join(path.Dir(rd.recipe.Path), filepath.ToSlash(name))
		if path.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(at)) {
			d.Fault(item, "file %q is not inside the project; paths are relative to the recipe's folder", name)
			return
		}
		files = append(files, File{name, at})
	})
	return files
}

// list reads texts that differ from each other.
func list(d *config.Decoder, n *yaml.Node, path, want string, check func(*yaml.Node, string)) []string {
	if n.Kind != yaml.SequenceNode {
		d.Wrong(n, path, want)
		return nil
	}
	var names []string
	for _, item := range n.Content {
		item = config.Resolve(item)
		name, ok := d.Text(item, path)
		switch {
		case !ok:
		case slices.Contains(names, name):
			d.Fault(item, "%s names %q twice", path, name)
		default:
			check(item, name)
			names = append(names, name)
		}
	}
	return names
}

func (rd *reader) readWeights(d *config.Decoder, n *yaml.Node, path string) {
	if !d.Mapping(n, path) {
		return
	}
	for _, p := range d.Pairs(n, path) {
		if share, ok := share(d, p.Value, path+"."+p.Key.Value); ok {
			rd.weights[p.Key.Value] = weight{share, p.Key}
			rd.order = append(rd.order, p.Key.Value)
		}
	}
}

// weigh gives each category its weight, from either place.
func (rd *reader) weigh(d *config.Decoder) {
	var names []string
	for i := range rd.recipe.Categories {
		c := &rd.recipe.Categories[i]
		names = append(names, c.Name)
		outer, inner := rd.weights[c.Name], rd.within[c.Name]
		switch {
		case outer.share != nil && inner.share != nil:
			d.Fault(inner.at, "category %q has a weight here and in weights, line %d; keep one", c.Name, outer.at.Line)
		case outer.share != nil:
			c.Weight = outer.share
		case inner.share != nil:
			c.Weight = inner.share
		case rd.recipe.Mode == Weighted:
			d.Fault(&yaml.Node{Line: c.Line, Column: 1}, "category %q has no weight, and mode is weighted; add %s to weights", c.Name, c.Name)
		}
	}
	for _, name := range rd.order {
		if !slices.Contains(names, name) {
			best := near.Best(name, names)
			if best != "" {
				best = fmt.Sprintf("; did you mean %q?", best)
			}
			d.Fault(rd.weights[name].at, "weights has %q, which is no category%s", name, best)
		}
	}
}

func (rd *reader) readSplit(d *config.Decoder, n *yaml.Node, path string) {
	if !d.Mapping(n, path) {
		return
	}
	s, before := &Split{}, d.Count()
	part := func(to **big.Rat) func(*config.Decoder, *yaml.Node, string) {
		return func(d *config.Decoder, n *yaml.Node, path string) {
			if r, ok := share(d, n, path); ok {
				*to = r
			}
		}
	}
	d.Section(n, path, []config.Field{{Name: "train", Read: part(&s.Train)}, {Name: "validation", Read: part(&s.Validation)}})
	if s.Train == nil || s.Validation == nil {
		if d.Count() == before {
			d.Fault(n, "%s needs both train and validation, as in: split: {train: 95, validation: 5}", path)
		}
		return
	}
	rd.recipe.Split = s
}

// shareRE bounds the exponent, so that a fraction stays small.
var shareRE = regexp.MustCompile(`\A\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?\z`)

// share reads a positive number exactly, as it is written.
func share(d *config.Decoder, n *yaml.Node, path string) (*big.Rat, bool) {
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" {
		d.Wrong(n, path, "a positive number")
		return nil, false
	}
	r, ok := new(big.Rat), shareRE.MatchString(n.Value)
	if ok {
		r, ok = r.SetString(strings.TrimSuffix(n.Value, "."))
	}
	if !ok || r.Sign() <= 0 {
		d.Fault(n, "%s must be a positive decimal number, not %s", path, n.Value)
		return nil, false
	}
	return r, true
}
