package sources

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// logical is what a column's values mean beyond their bytes, nil if no more.
func logical(n parquet.Node) format.LogicalTypeValue {
	if t := n.Type().LogicalType(); t != nil {
		return t.Value
	}
	return nil
}

// scalar turns a value into what compare knows.
func scalar(f field, v parquet.Value) any {
	if v.IsNull() {
		return nil
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int32:
		return whenever(f, int64(v.Int32()))
	case parquet.Int64:
		return whenever(f, v.Int64())
	case parquet.Float:
		return float64(v.Float())
	case parquet.Double:
		return v.Double()
	}
	return string(v.ByteArray())
}

// whenever reads dates and times as text, and unsigned numbers as such.
func whenever(f field, n int64) any {
	switch t := logical(f).(type) {
	case *format.DateType, *format.TimestampType:
		return timeText(t, n)
	case *format.IntType:
		if !t.IsSigned && t.BitWidth == 32 {
			return int64(uint32(n))
		}
	}
	return n
}

// timeText writes dates and times so that they sort as text: with all digits of
// their unit.
func timeText(t format.LogicalTypeValue, n int64) string {
	stamp, ok := t.(*format.TimestampType)
	if !ok {
		return time.Unix(n*24*60*60, 0).UTC().Format(time.DateOnly)
	}
	switch stamp.Unit.Value.(type) {
	case *format.MilliSeconds:
		return time.UnixMilli(n).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	case *format.MicroSeconds:
		return time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	}
	return time.Unix(0, n).UTC().Format("2006-01-02T15:04:05.000000000Z07:00")
}

// A rowReader makes rows of some columns of one group.
type rowReader struct {
	schema  *parquet.Schema // of the columns that are wanted
	columns []*column       // in the order of schema
	values  parquet.Row
}

func (s *sheaf) reader(g parquet.RowGroup) *rowReader {
	group := parquet.Group{}
	for _, f := range s.wanted {
		group[f.Name()] = f.Field
	}
	r := &rowReader{schema: parquet.NewSchema("row", group)}
	for _, path := range r.schema.Columns() {
		leaf, _ := g.Schema().Lookup(path...)
		r.columns = append(r.columns, openColumn(g, leaf.ColumnIndex))
	}
	return r
}

func (r *rowReader) close() {
	for _, c := range r.columns {
		c.close()
	}
}

// row returns a row as a JSON object. Rows are asked for in their order.
func (r *rowReader) row(n int64) ([]byte, error) {
	if len(r.columns) == 0 {
		return []byte("{}"), nil
	}
	r.values = r.values[:0]
	for i, c := range r.columns {
		from := len(r.values)
		var err error
		if r.values, err = c.row(n, r.values); err != nil {
			return nil, err
		}
		for j := from; j < len(r.values); j++ {
			v := r.values[j]
			r.values[j] = v.Level(v.RepetitionLevel(), v.DefinitionLevel(), i)
		}
	}
	row := map[string]any{}
	if err := r.schema.Reconstruct(&row, r.values); err != nil {
		return nil, err
	}
	return json.Marshal(tidy(r.schema, row))
}

// tidy makes the values of a node fit for JSON: dates, times and UUIDs are
// text, a number that JSON does not have is null.
func tidy(n parquet.Node, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, f := range n.Fields() {
			if old, ok := v[f.Name()]; ok {
				v[f.Name()] = tidy(f, old)
			}
		}
	case []any:
		element := elementOf(n)
		for i := range v {
			v[i] = tidy(element, v[i])
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case float32:
		return tidy(n, float64(v))
	case int32:
		return tidyNumber(n, int64(v))
	case int64:
		return tidyNumber(n, v)
	case []byte:
		if n.Leaf() {
			if _, uuid := logical(n).(*format.UUIDType); uuid && len(v) == 16 {
				x := hex.EncodeToString(v)
				return fmt.Sprintf("%s-%s-%s-%s-%s", x[:8], x[8:12], x[12:16], x[16:20], x[20:])
			}
		}
	}
	return v
}

func tidyNumber(n parquet.Node, v int64) any {
	if n.Leaf() {
		switch t := logical(n).(type) {
		case *format.DateType, *format.TimestampType:
			return timeText(t, v)
		}
	}
	return v
}

// elementOf is what the values of a list are, below the groups that make it a
// list: LIST, a repeated group, the element.
func elementOf(n parquet.Node) parquet.Node {
	if n.Leaf() || len(n.Fields()) != 1 {
		return n
	}
	if inner := n.Fields()[0]; !inner.Leaf() && inner.Repeated() && len(inner.Fields()) == 1 {
		return inner.Fields()[0]
	}
	return n.Fields()[0]
}
