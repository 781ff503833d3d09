package engine

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/identity-shaping/isf/cache"
)

// Ids come from content, never from position: a record put in front of others
// renames none of them.

// contentID returns prefix and 12 hex digits of the hash of parts.
func contentID(prefix string, parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = append(fmt.Appendf(b, "%d:", len(p)), p...)
	}
	sum := cache.DigestOf(b)
	return prefix + "-" + hex.EncodeToString(sum[:6])
}

// sourceID returns the id of a record that brings none of its own.
func sourceID(value any) (string, error) {
	b, err := canonical(value)
	if err != nil {
		return "", err
	}
	return contentID("record", string(b)), nil
}

// canonical returns v as compact JSON with the keys of every object sorted, so
// that equal values have equal bytes.
func canonical(v any) ([]byte, error) {
	b, err := marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	return marshal(tree)
}

// ownID returns the id a value carries: a Sample's, or the field that is "id"
// in JSON.
func ownID(v any) string {
	if s, ok := v.(*Sample); ok {
		return s.ID
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return ""
		}
		rv = rv.Elem()
	}
	switch rv.Kind() {
	case reflect.Struct:
		if i := idField(rv.Type()); i >= 0 {
			return rv.Field(i).String()
		}
	case reflect.Map:
		if m, ok := rv.Interface().(map[string]any); ok {
			id, _ := m["id"].(string)
			return id
		}
	}
	return ""
}

var idFields sync.Map // reflect.Type → index of the string field named id, or -1

func idField(t reflect.Type) int {
	if i, ok := idFields.Load(t); ok {
		return i.(int)
	}
	found := -1
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && f.Type.Kind() == reflect.String && name == "id" {
			found = i
			break
		}
	}
	idFields.Store(t, found)
	return found
}

// name gives each value that a task returned its id. A lone sample keeps its
// record's id, since it is that record's answer; rows of a table and one of
// several samples are named by their parent and their content.
func (t *Task) name(values []any) ([]Record, error) {
	out := make([]Record, 0, len(values))
	for _, v := range values {
		r := Record{ID: ownID(v), Given: true, Value: v}
		switch s, sample := v.(*Sample); {
		case r.ID != "":
			r.Given = !t.made[r.ID]
		case sample && len(values) == 1:
			r.ID, r.Given = t.record.ID, t.record.Given
		case sample:
			r.ID, r.Given = contentID(t.record.ID, s.question()), false
		default:
			b, err := canonical(v)
			if err != nil {
				return nil, fmt.Errorf("a row of %s is not JSON: %w", t.stage, err)
			}
			r.ID, r.Given = contentID(t.stage, t.record.ID, string(b)), false
		}
		out = append(out, r)
	}
	return out, nil
}

// Chosen reports whether id belongs to the given fraction of all ids. It is
// the same on every machine, and a larger fraction keeps what a smaller chose.
func Chosen(id string, fraction float64) bool {
	sum := cache.DigestOf([]byte(id))
	var n uint64
	for _, b := range sum[:8] {
		n = n<<8 | uint64(b)
	}
	return float64(n>>11)/(1<<53) < fraction
}
