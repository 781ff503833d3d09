package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	yaml "go.yaml.in/yaml/v4"
)

// An overlay is a file of the same form as isf.yaml that is laid over it: a
// mapping is merged key by key, anything else replaces what was there. So a
// project can be built on other models, for an hour or on one machine, while
// isf.yaml stays as it is.

// lay reads the overlay in the project's file name and lays it over base.
func (d *Decoder) lay(base *yaml.Node, name string) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(d.root, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		d.problems = append(d.problems, Problem{File: name, Message: fmt.Sprintf("the settings to lay over %s cannot be read: %v", FileName, err)})
		return
	}
	own, top := Document(name, text, fmt.Sprintf("the file is empty; it needs what shall differ from %s", FileName))
	d.problems = append(d.problems, own.problems...)
	if top == nil {
		return
	}
	d.adopt(top, own)
	switch {
	case top.Kind != yaml.MappingNode:
		d.Wrong(top, name, "a mapping, as "+FileName+" is")
	case base.Kind == yaml.MappingNode:
		d.merge(base, top, "")
	}
}

// adopt remembers that n and all below it stand in another file.
func (d *Decoder) adopt(n *yaml.Node, from *Decoder) {
	if d.others == nil {
		d.others = map[*yaml.Node]*Decoder{}
	}
	d.others[n] = from
	for _, child := range n.Content {
		d.adopt(child, from)
	}
}

// merge lays the mapping over onto the mapping base.
func (d *Decoder) merge(base, over *yaml.Node, path string) {
	for _, p := range d.Pairs(over, path) {
		at := position(base, p.Key.Value)
		if at < 0 {
			base.Content = append(base.Content, p.Key, p.Value)
			continue
		}
		below := *Resolve(base.Content[at+1]) // a copy: it may be an anchor that others refer to
		if below.Kind != yaml.MappingNode || p.Value.Kind != yaml.MappingNode {
			base.Content[at], base.Content[at+1] = p.Key, p.Value
			continue
		}
		below.Content = slices.Clone(below.Content)
		d.merge(&below, p.Value, join(path, p.Key.Value))
		base.Content[at+1] = &below
	}
}

// position is where a mapping has a key, -1 if it has not.
func position(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}
