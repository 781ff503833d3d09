package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/near"
)

// A Decoder reads a file that a person wrote in YAML, as a tree, and collects
// all that is wrong with it.
type Decoder struct {
	file     string // as problems name it
	root     string
	lines    []string
	problems Problems
	others   map[*yaml.Node]*Decoder // of nodes that stand in another file
}

// at reports a problem at a place.
func (d *Decoder) at(line, column int, message string) {
	d.problems = append(d.problems, d.problem(line, column, message))
}

func (d *Decoder) problem(line, column int, message string) Problem {
	p := Problem{File: d.file, Line: line, Column: column, Message: message}
	if line >= 1 && line <= len(d.lines) {
		p.Excerpt = excerpt(d.lines[line-1], line, column)
	}
	return p
}

// Fault reports a problem of a node.
func (d *Decoder) Fault(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, cmp.Or(d.others[n], d).problem(n.Line, n.Column, fmt.Sprintf(format, args...)))
}

// place is where a node stands, as file:line.
func (d *Decoder) place(n *yaml.Node) string {
	return cmp.Or(d.others[n], d).file + ":" + strconv.Itoa(n.Line)
}

// A Field is a key that a section accepts, and what becomes of its value.
type Field struct {
	Name string
	Read func(d *Decoder, n *yaml.Node, path string)
}

// A Pair is a key of a mapping with its value.
type Pair struct{ Key, Value *yaml.Node }

// Resolve follows an alias to the node it stands for.
func Resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// IsNull says that a node holds nothing.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// Pairs returns the keys of a mapping in order, those it merges (<<) first.
// A key that is given twice is a problem.
func (d *Decoder) Pairs(n *yaml.Node, path string) []Pair {
	var merged, own []Pair
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], Resolve(n.Content[i+1])
		if k.ShortTag() == "!!merge" {
			merged = append(merged, d.merged(v, path)...)
			continue
		}
		if first := lines[k.Value]; first > 0 {
			d.Fault(k, "key %q%s is given twice; the first is on line %d", k.Value, in(path), first)
			continue
		}
		lines[k.Value] = k.Line
		own = append(own, Pair{k, v})
	}
	merged = slices.DeleteFunc(merged, func(p Pair) bool { return lines[p.Key.Value] > 0 })
	return append(merged, own...)
}

// merged returns the pairs that << brings in.
func (d *Decoder) merged(v *yaml.Node, path string) []Pair {
	switch v.Kind {
	case yaml.MappingNode:
		return d.Pairs(v, path)
	case yaml.SequenceNode:
		var all []Pair
		for _, m := range v.Content {
			all = append(all, d.merged(Resolve(m), path)...)
		}
		return all
	}
	d.Fault(v, "<< takes a mapping")
	return nil
}

func in(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Section reads a mapping with known keys.
func (d *Decoder) Section(n *yaml.Node, path string, fields []Field) {
	if !d.Mapping(n, path) {
		return
	}
	for _, p := range d.Pairs(n, path) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == p.Key.Value })
		if i < 0 {
			d.unknown(p.Key, path, fields)
			continue
		}
		if !IsNull(p.Value) {
			fields[i].Read(d, p.Value, join(path, p.Key.Value))
		}
	}
}

// Mapping checks that n is one; nothing at all is an empty one.
func (d *Decoder) Mapping(n *yaml.Node, path string) bool {
	if IsNull(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		d.Wrong(n, path, "a mapping (key: value)")
		return false
	}
	return true
}

func (d *Decoder) unknown(key *yaml.Node, path string, fields []Field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	where := in(path)
	if path == "" {
		where = " at the top of the file"
	}
	if best := near.Best(key.Value, names); best != "" {
		d.Fault(key, "unknown key %q%s; did you mean %q?", key.Value, where, best)
		return
	}
	d.Fault(key, "unknown key %q%s; keys are %s", key.Value, where, strings.Join(names, ", "))
}

// Wrong reports a value of the wrong type.
func (d *Decoder) Wrong(n *yaml.Node, path, want string) {
	d.Fault(n, "%s must be %s, not %s", nonEmpty(path, "the file"), want, describe(n))
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// describe says what a node is.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case IsNull(n):
		return "empty"
	case isBool(n):
		return "the boolean " + n.Value
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!str":
		return fmt.Sprintf("the text %q", n.Value)
	}
	return n.Value
}

// bool11 are the words that YAML 1.1, and thus the Python toolkit, takes for
// booleans when they stand without quotes.
var bool11 = regexp.MustCompile(`\A(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE)\z`)

func isBool(n *yaml.Node) bool {
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0
	return n.Kind == yaml.ScalarNode && !quoted && bool11.MatchString(n.Value)
}

// Text returns the string n is.
func (d *Decoder) Text(n *yaml.Node, path string) (string, bool) {
	switch {
	case n.Kind == yaml.ScalarNode && isBool(n):
		d.Fault(n, "%s must be text, not the boolean %s; put it in quotes if you mean the word", path, n.Value)
	case n.Kind != yaml.ScalarNode:
		d.Wrong(n, path, "text")
	case n.ShortTag() == "!!int" || n.ShortTag() == "!!float" || n.ShortTag() == "!!timestamp":
		d.Fault(n, "%s must be text, not %s; put it in quotes if you mean the text", path, describe(n))
	default:
		return n.Value, true
	}
	return "", false
}

// Number returns the float64 n is.
func (d *Decoder) Number(n *yaml.Node, path string) (float64, bool) {
	var f float64
	if n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!int" || n.ShortTag() == "!!float") && n.Load(&f) == nil {
		return f, true
	}
	d.Wrong(n, path, "a number")
	return 0, false
}

// Integer returns the int64 n is, which must be at least least.
func (d *Decoder) Integer(n *yaml.Node, path string, least int64) (int64, bool) {
	var i int64
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Load(&i) != nil {
		d.Wrong(n, path, "a whole number")
		return 0, false
	}
	if i < least {
		d.Fault(n, "%s must be at least %s", path, strconv.FormatInt(least, 10))
		return 0, false
	}
	return i, true
}
