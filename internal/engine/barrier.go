package engine

import "reflect"

// All waits for every record of in and hands their values to fn. A value that
// fn passes on keeps its record; a new one is named by its content. While a
// record is open nothing can be said about the whole, so everything behind the
// barrier is one open record.
func All(b *Build, stage string, in Rows, fn func([]any) ([]any, error)) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		var values []any
		kept := map[string]Record{}
		whole := b.gather(stage, in, finish, yield, func(r Record) {
			values = append(values, r.Value)
			kept[valueName(r.Value)] = r
		})
		if !whole {
			return
		}
		rows, err := fn(values)
		if err != nil {
			b.Fail(err)
			return
		}
		t := newTask(b, stage, Record{ID: stage})
		for _, v := range rows {
			r, err := passed(t, kept, v)
			if err != nil {
				b.Fail(err)
				return
			}
			if !each(r, finish, yield) {
				return
			}
		}
	}
}

// passed returns the record of a value that came through a barrier.
func passed(t *Task, kept map[string]Record, v any) (Record, error) {
	if r, ok := kept[valueName(v)]; ok {
		r.Value = v
		return r, nil
	}
	named, err := t.name([]any{v})
	if err != nil {
		return Record{}, err
	}
	return named[0], nil
}

// valueName tells values apart: by their own id, or by their content.
func valueName(v any) string {
	if id := ownID(v); id != "" {
		return "id " + id
	}
	if reflect.TypeOf(v).Kind() == reflect.Pointer {
		v = reflect.ValueOf(v).Elem().Interface()
	}
	b, err := canonical(v)
	if err != nil {
		return ""
	}
	return "content " + string(b)
}

// gather hands every record with a value to keep and passes on the others. It
// reports whether that was all: else what is behind it is one open record, or
// nobody wants more.
func (b *Build) gather(stage string, in Rows, finish func(*Record), yield func(Record) bool, keep func(Record)) bool {
	open, more := false, true
	in(nil, func(r Record) bool {
		switch {
		case r.Open:
			open = true
		case r.Value != nil:
			keep(r)
		default:
			more = each(r, finish, yield)
		}
		return more
	})
	if more && (open || b.stopped()) {
		each(Record{ID: stage, Open: true}, finish, yield)
		return false
	}
	return more
}
