package sources

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// ColumnsOf returns the columns that values of a type are decoded from, by the
// rules of encoding/json; nil, for all, where the type decodes itself or takes
// any field.
func ColumnsOf(t reflect.Type) []Column {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || decodesItself(t) {
		return nil
	}
	columns := []Column{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" && options == "":
			continue
		case f.Anonymous && name == "":
			columns = append(columns, ColumnsOf(f.Type)...)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		optional := f.Type.Kind() == reflect.Pointer || strings.Contains(options, "omit") || name == idColumn
		columns = append(columns, Column{Name: name, Kind: kindOf(f.Type), Optional: optional})
	}
	return columns
}

func decodesItself(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}

func kindOf(t reflect.Type) Kind {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return Text
	}
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return Text
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return Nested
	}
	return Plain
}
