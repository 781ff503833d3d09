package samples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/identity-shaping/isf/internal/think"
)

// A Filter accepts some lines. An error says that a line cannot be judged.
type Filter func(Line) (bool, error)

// ByID accepts the row of this name. Lines that cannot have it are not decoded.
func ByID(name string) Filter {
	quoted, _ := json.Marshal(name)
	plain := []byte(name)
	return func(l Line) (bool, error) {
		if !bytes.Contains(l.Text, plain) && !bytes.Contains(l.Text, quoted) && name != nameOfLine(l.Number) {
			return false, nil
		}
		row, err := Decode(l)
		if err != nil {
			return false, nil // not a row, so not this one
		}
		return row.Name() == name, nil
	}
}

// ByLine accepts the lines with these numbers.
func ByLine(numbers map[int]bool) Filter {
	return func(l Line) (bool, error) { return numbers[l.Number], nil }
}

// condition is FIELD OP VALUE.
var condition = regexp.MustCompile(`(?s)\A\s*([\p{L}\p{N}_.-]+?)\s*(!=|>=|<=|=|~|>|<)(.*)\z`)

// Where makes a filter of a text such as score=3, answer~tram or length>2000.
//
// A field is one of the row's, with dots between names that lie inside each
// other (input_data.fact.id); meta and input_data may be left out. Further fields
// are made up: prompt, answer, thinking, length (characters of the answer), turns.
// = and != compare the whole value, ~ looks for text in any letter case,
// and >, <, >=, <= compare numbers. A row without the field does not match, except
// by !=.
func Where(text string) (Filter, error) {
	m := condition.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("%q is no condition: write FIELD=VALUE, FIELD~TEXT or FIELD>NUMBER, as in score=3 or answer~tram", text)
	}
	field, op, want := m[1], m[2], strings.TrimSpace(m[3])
	holds, err := comparison(op, want)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	return func(l Line) (bool, error) {
		row, err := Decode(l)
		if err != nil {
			return false, err
		}
		got, ok := row.Field(field)
		if !ok {
			return op == "!=", nil
		}
		return holds(got), nil
	}, nil
}

func comparison(op, want string) (func(string) bool, error) {
	switch op {
	case "=":
		return func(got string) bool { return got == want }, nil
	case "!=":
		return func(got string) bool { return got != want }, nil
	case "~":
		low := strings.ToLower(want)
		return func(got string) bool { return strings.Contains(strings.ToLower(got), low) }, nil
	}
	limit, err := strconv.ParseFloat(want, 64)
	if err != nil {
		return nil, fmt.Errorf("%s compares numbers, and %q is none", op, want)
	}
	return func(text string) bool {
		got, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		switch op {
		case ">":
			return got > limit
		case "<":
			return got < limit
		case ">=":
			return got >= limit
		}
		return got <= limit
	}, nil
}

// Field returns a field's value as text, and whether the row has it.
func (r *Row) Field(name string) (string, bool) {
	path := strings.Split(name, ".")
	for _, at := range [][]string{nil, {"meta"}, {"input_data"}, {"__ERROR__"}, {"__ERROR__", "input_data"}} {
		if v, ok := lookup(r.Text, append(at, path...)); ok {
			return v, true
		}
	}
	return r.made(name)
}

// made returns the fields that Where makes up.
func (r *Row) made(name string) (string, bool) {
	if r.Messages == nil {
		return "", false
	}
	switch name {
	case "prompt":
		return r.Prompt(), true
	case "answer":
		return r.Answer(), true
	case "thinking":
		return r.thinking(), true
	case "length":
		return strconv.Itoa(utf8.RuneCountInString(r.Answer())), true
	case "turns":
		return strconv.Itoa(len(r.Messages)), true
	}
	return "", false
}

func (r *Row) thinking() string {
	var all []string
	for _, m := range r.Messages {
		if m.Role != "assistant" {
			continue
		}
		if t, _ := think.Extract(m.Content); t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, "\n")
}

// lookup follows names into nested objects.
func lookup(object json.RawMessage, path []string) (string, bool) {
	for _, name := range path {
		var fields map[string]json.RawMessage
		if json.Unmarshal(object, &fields) != nil {
			return "", false
		}
		var ok bool
		if object, ok = fields[name]; !ok {
			return "", false
		}
	}
	var s string
	if json.Unmarshal(object, &s) == nil && object[0] == '"' {
		return s, true
	}
	return string(object), true
}
