package engine

import (
	"github.com/identity-shaping/isf/internal/jsontext"
)

// An object is a JSON object in the making: its members in the order they are
// added, compact, and without a second look at texts that are JSON already.
// Rows of 16 KB are made of little else, which is why they do not go through
// encoding/json.
type object []byte

func (o object) name(name string) object {
	if len(o) == 0 {
		o = append(o, '{')
	} else {
		o = append(o, ',')
	}
	o = append(append(o, '"'), name...)
	return append(o, `":`...)
}

func (o object) str(name, value string) object {
	return jsontext.AppendString(o.name(name), value)
}

// optional adds a string, or null where it is empty.
func (o object) optional(name, value string) object {
	if value == "" {
		return append(o.name(name), "null"...)
	}
	return o.str(name, value)
}

// some adds a string unless it is empty.
func (o object) some(name, value string) object {
	if value == "" {
		return o
	}
	return o.str(name, value)
}

// raw adds text that is JSON.
func (o object) raw(name string, text []byte) object { return append(o.name(name), text...) }

// any adds what encoding/json makes of v.
func (o object) any(name string, v any) (object, error) {
	text, err := marshal(v)
	if err != nil {
		return o, err
	}
	return o.raw(name, text), nil
}

// end closes the object. One without members is {}.
func (o object) end() []byte {
	if len(o) == 0 {
		return []byte("{}")
	}
	return append(o, '}')
}
