package config

import (
	"math"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/identity-shaping/isf/internal/prompts"
)

// value returns any value that JSON can say: nil, bool, int64, float64, string,
// []any, and for mappings map[string]any, or *prompts.Map where order matters.
// Words that YAML 1.1 takes for booleans are booleans, as the Python toolkit
// reads them.
func (d *Decoder) value(n *yaml.Node, path string, ordered bool) any {
	n = Resolve(n)
	switch n.Kind {
	case yaml.SequenceNode:
		items := []any{}
		for _, item := range n.Content {
			items = append(items, d.value(item, path, ordered))
		}
		return items
	case yaml.MappingNode:
		return d.mappingValue(n, path, ordered)
	}
	return d.scalar(n, path)
}

func (d *Decoder) mappingValue(n *yaml.Node, path string, ordered bool) any {
	m, o := map[string]any{}, prompts.NewMap()
	for _, p := range d.Pairs(n, path) {
		if p.Key.Kind != yaml.ScalarNode {
			d.Fault(p.Key, "a key in %s must be text", path)
			continue
		}
		v := d.value(p.Value, join(path, p.Key.Value), ordered)
		m[p.Key.Value] = v
		o.Set(p.Key.Value, v)
	}
	if ordered {
		return o
	}
	return m
}

func (d *Decoder) scalar(n *yaml.Node, path string) any {
	if isBool(n) {
		return strings.Contains("yes on true", strings.ToLower(n.Value))
	}
	var err error
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!int":
		var i int64
		if err = n.Load(&i); err == nil {
			return i
		}
	case "!!float":
		var f float64
		if err = n.Load(&f); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	default:
		return n.Value
	}
	d.Wrong(n, path, "a number that fits into 64 bits")
	return nil
}
