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
func (d *decoder) value(n *yaml.Node, path string, ordered bool) any {
	n = resolve(n)
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

func (d *decoder) mappingValue(n *yaml.Node, path string, ordered bool) any {
	m, o := map[string]any{}, prompts.NewMap()
	for _, p := range d.pairs(n, path) {
		if p.key.Kind != yaml.ScalarNode {
			d.fault(p.key, "a key in %s must be text", path)
			continue
		}
		v := d.value(p.value, join(path, p.key.Value), ordered)
		m[p.key.Value] = v
		o.Set(p.key.Value, v)
	}
	if ordered {
		return o
	}
	return m
}

func (d *decoder) scalar(n *yaml.Node, path string) any {
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
	d.wrong(n, path, "a number that fits into 64 bits")
	return nil
}
