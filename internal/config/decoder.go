package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/near"
)

// A decoder turns the tree of isf.yaml into a Config and collects problems.
type decoder struct {
	root     string
	lines    []string
	problems Problems
}

// at reports a problem at a place.
func (d *decoder) at(line, column int, message string) {
	p := Problem{File: FileName, Line: line, Column: column, Message: message}
	if line >= 1 && line <= len(d.lines) {
		p.Excerpt = excerpt(d.lines[line-1], line, column)
	}
	d.problems = append(d.problems, p)
}

// fault reports a problem of a node.
func (d *decoder) fault(n *yaml.Node, format string, args ...any) {
	d.at(n.Line, n.Column, fmt.Sprintf(format, args...))
}

// A field is a key that a section accepts, and what becomes of its value.
type field struct {
	name string
	read func(d *decoder, n *yaml.Node, path string)
}

// A pair is a key of a mapping with its value.
type pair struct{ key, value *yaml.Node }

// resolve follows an alias to the node it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// pairs returns the keys of a mapping in order, those it merges (<<) first.
// A key that is given twice is a problem.
func (d *decoder) pairs(n *yaml.Node, path string) []pair {
	var merged, own []pair
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		if k.ShortTag() == "!!merge" {
			merged = append(merged, d.merged(v, path)...)
			continue
		}
		if first := lines[k.Value]; first > 0 {
			d.fault(k, "key %q%s is given twice; the first is on line %d", k.Value, in(path), first)
			continue
		}
		lines[k.Value] = k.Line
		own = append(own, pair{k, v})
	}
	merged = slices.DeleteFunc(merged, func(p pair) bool { return lines[p.key.Value] > 0 })
	return append(merged, own...)
}

// merged returns the pairs that << brings in.
func (d *decoder) merged(v *yaml.Node, path string) []pair {
	switch v.Kind {
	case yaml.MappingNode:
		return d.pairs(v, path)
	case yaml.SequenceNode:
		var all []pair
		for _, m := range v.Content {
			all = append(all, d.merged(resolve(m), path)...)
		}
		return all
	}
	d.fault(v, "<< takes a mapping")
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

// section reads a mapping with known keys.
func (d *decoder) section(n *yaml.Node, path string, fields []field) {
	if !d.mapping(n, path) {
		return
	}
	for _, p := range d.pairs(n, path) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == p.key.Value })
		if i < 0 {
			d.unknown(p.key, path, fields)
			continue
		}
		if !isNull(p.value) {
			fields[i].read(d, p.value, join(path, p.key.Value))
		}
	}
}

// mapping checks that n is one; nothing at all is an empty one.
func (d *decoder) mapping(n *yaml.Node, path string) bool {
	if isNull(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "a mapping (key: value)")
		return false
	}
	return true
}

func (d *decoder) unknown(key *yaml.Node, path string, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	where := in(path)
	if path == "" {
		where = " at the top of the file"
	}
	if best := near.Best(key.Value, names); best != "" {
		d.fault(key, "unknown key %q%s; did you mean %q?", key.Value, where, best)
		return
	}
	d.fault(key, "unknown key %q%s; keys are %s", key.Value, where, strings.Join(names, ", "))
}

// wrong reports a value of the wrong type.
func (d *decoder) wrong(n *yaml.Node, path, want string) {
	d.fault(n, "%s must be %s, not %s", nonEmpty(path, "the file"), want, describe(n))
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
	case isNull(n):
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

// text returns the string n is.
func (d *decoder) text(n *yaml.Node, path string) (string, bool) {
	switch {
	case n.Kind == yaml.ScalarNode && isBool(n):
		d.fault(n, "%s must be text, not the boolean %s; put it in quotes if you mean the word", path, n.Value)
	case n.Kind != yaml.ScalarNode:
		d.wrong(n, path, "text")
	case n.ShortTag() == "!!int" || n.ShortTag() == "!!float" || n.ShortTag() == "!!timestamp":
		d.fault(n, "%s must be text, not %s; put it in quotes if you mean the text", path, describe(n))
	default:
		return n.Value, true
	}
	return "", false
}

// number returns the float64 n is.
func (d *decoder) number(n *yaml.Node, path string) (float64, bool) {
	var f float64
	if n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!int" || n.ShortTag() == "!!float") && n.Load(&f) == nil {
		return f, true
	}
	d.wrong(n, path, "a number")
	return 0, false
}

// integer returns the int64 n is, which must be at least least.
func (d *decoder) integer(n *yaml.Node, path string, least int64) (int64, bool) {
	var i int64
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Load(&i) != nil {
		d.wrong(n, path, "a whole number")
		return 0, false
	}
	if i < least {
		d.fault(n, "%s must be at least %s", path, strconv.FormatInt(least, 10))
		return 0, false
	}
	return i, true
}
