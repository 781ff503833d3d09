package prompts

import (
	"fmt"

	"github.com/identity-shaping/isf/internal/prompts/jinja"
)

// FromJSON returns what templates see of v: its JSON fields as variables.
// Objects inside keep the order of their fields. v must be an object as JSON,
// such as a struct or a map.
func FromJSON(v any) (map[string]any, error) {
	seen, err := jinja.FromJSON(v)
	if err != nil {
		return nil, err
	}
	d, ok := seen.(*jinja.Dict)
	if !ok {
		return nil, fmt.Errorf("a template is given a struct or a map, not %T", v)
	}
	vars := make(map[string]any, d.Len())
	for _, k := range d.Keys() {
		vars[k.(string)], _ = d.Get(k)
	}
	return vars, nil
}
