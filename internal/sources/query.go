package sources

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/identity-shaping/isf/internal/near"
)

// A Query says which rows and columns are wanted. The zero value wants all.
type Query struct {
	Columns []Column // nil: every column
	Where   []Cond   // all of them hold
	Sample  Sample
}

// A Column is a column that is wanted.
type Column struct {
	Name     string
	Kind     Kind
	Optional bool // a file without it is fine
}

// A Kind says what a cell of text becomes in JSON.
type Kind int

const (
	Text   Kind = iota // a string
	Plain              // a number, true or false; an empty cell is null
	Nested             // JSON within the cell; an empty cell is null
)

// A Cond compares a column with a value. A row whose cell is null or missing
// matches == nil alone.
type Cond struct {
	Column string
	Op     string // one of ops
	Value  any    // nil, bool, string, a number; for "in" a list of those
}

var ops = []string{"==", "!=", "<", "<=", ">", ">=", "in"}

// A Sample draws N rows by Seed; N of 0 takes all. With By, the values of that
// column have the given Shares of the sample, or without Shares those that
// they have in the source.
type Sample struct {
	N      int
	Seed   int64
	By     string
	Shares map[string]float64 // value, as text → weight
}

// check refuses a query that can mean nothing, and brings its values into the
// few types that compare knows.
func (q *Query) check() error {
	q.Where = slices.Clone(q.Where)
	for i := range q.Where {
		c := &q.Where[i]
		if !slices.Contains(ops, c.Op) {
			return fmt.Errorf("where %q %s: the operators are %s", c.Column, c.Op, strings.Join(ops, " "))
		}
		v, err := plainValue(c.Value)
		if _, list := v.([]any); err == nil && list != (c.Op == "in") {
			err = fmt.Errorf("the operator in takes a list, and the others one value")
		}
		if err != nil {
			return fmt.Errorf("where %q %s %v: %w", c.Column, c.Op, c.Value, err)
		}
		c.Value = v
	}
	s := q.Sample
	if s.N < 0 {
		return fmt.Errorf("a sample of %d rows: give a number of rows, or 0 for all", s.N)
	}
	for v, share := range s.Shares {
		if !(share >= 0) || math.IsInf(share, 0) {
			return fmt.Errorf("the share %v of %s %q: give a number that is not negative", share, s.By, v)
		}
	}
	return nil
}

// plainValue turns a value of Go into nil, bool, int64, float64, string, or a
// list of those.
func plainValue(v any) (any, error) {
	rv := reflect.ValueOf(v)
	switch {
	case v == nil:
		return nil, nil
	case rv.CanInt():
		return rv.Int(), nil
	case rv.CanUint() && rv.Uint() <= math.MaxInt64:
		return int64(rv.Uint()), nil
	case rv.CanFloat() && !math.IsNaN(rv.Float()):
		return rv.Float(), nil
	case rv.Kind() == reflect.String:
		return rv.String(), nil
	case rv.Kind() == reflect.Bool:
		return rv.Bool(), nil
	case rv.Kind() == reflect.Slice:
		list := make([]any, rv.Len())
		for i := range list {
			var err error
			if list[i], err = plainValue(rv.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("a %T is no value of a column", v)
}

// holds reports whether a cell matches.
func (c *Cond) holds(cell any) (bool, error) {
	if list, ok := c.Value.([]any); ok {
		for _, v := range list {
			if n, err := c.compare(cell, v); err != nil || (n == 0 && cell != nil) {
				return err == nil, err
			}
		}
		return false, nil
	}
	if cell == nil || c.Value == nil {
		return (cell == nil && c.Value == nil && c.Op == "==") || (cell != nil && c.Value == nil && c.Op == "!="), nil
	}
	n, err := c.compare(cell, c.Value)
	return err == nil && decide(c.Op, n), err
}

func decide(op string, n int) bool {
	switch op {
	case "==":
		return n == 0
	case "!=":
		return n != 0
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}
	return n >= 0
}

// compare orders two values; null compares with nothing and is 1 here.
func (c *Cond) compare(cell, want any) (int, error) {
	switch want := want.(type) {
	case bool:
		if b, ok := cell.(bool); ok {
			return cmp.Compare(btoi(b), btoi(want)), nil
		}
	case string:
		if s, ok := cell.(string); ok {
			return strings.Compare(s, want), nil
		}
	case int64:
		if n, ok := cell.(int64); ok {
			return cmp.Compare(n, want), nil
		}
		if f, ok := cell.(float64); ok {
			return cmp.Compare(f, float64(want)), nil
		}
	case float64:
		switch n := cell.(type) {
		case int64:
			return cmp.Compare(float64(n), want), nil
		case float64:
			return cmp.Compare(n, want), nil
		}
	}
	if cell == nil || want == nil {
		return 1, nil
	}
	return 0, fmt.Errorf("column %q holds %s here, which cannot be compared with %v", c.Column, describe(cell), want)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func describe(cell any) string {
	switch cell.(type) {
	case bool:
		return "true or false"
	case string:
		return "text"
	case int64, float64:
		return "numbers"
	}
	return "lists or objects"
}

// possible reports whether a value between lo and hi can match. Doubt is true.
func (c *Cond) possible(lo, hi any) bool {
	if c.Value == nil {
		return true
	}
	if list, ok := c.Value.([]any); ok {
		return slices.ContainsFunc(list, func(v any) bool { return v == nil || c.between(v, lo, hi) })
	}
	low, err1 := c.compare(lo, c.Value)
	high, err2 := c.compare(hi, c.Value)
	if err1 != nil || err2 != nil {
		return true // the rows themselves will tell what is wrong
	}
	switch c.Op {
	case "==":
		return low <= 0 && high >= 0
	case "<":
		return low < 0
	case "<=":
		return low <= 0
	case ">":
		return high > 0
	case ">=":
		return high >= 0
	}
	return true
}

func (c *Cond) between(v, lo, hi any) bool {
	low, err1 := c.compare(lo, v)
	high, err2 := c.compare(hi, v)
	return err1 != nil || err2 != nil || (low <= 0 && high >= 0)
}

// matches reports whether all conditions hold for a row's cells.
func (q *Query) matches(cell func(column string) (any, error)) (bool, error) {
	for i := range q.Where {
		v, err := cell(q.Where[i].Column)
		if err != nil {
			return false, err
		}
		if ok, err := q.Where[i].holds(v); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// fromJSON turns a decoded value of JSON into one that compare knows.
func fromJSON(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}

// textOf is the name of a value among strata.
func textOf(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(cell)
}

// missing says that a file has no such column, and which it has.
func missing(file, column string, known []string) error {
	hint := ""
	if n := near.Best(column, known); n != "" {
		hint = fmt.Sprintf("; did you mean %q?", n)
	}
	shown := known
	if len(shown) > 20 {
		shown = append(slices.Clone(shown[:20]), "…")
	}
	return fmt.Errorf("%s has no column %q; its columns are %s%s", file, column, strings.Join(shown, ", "), hint)
}
