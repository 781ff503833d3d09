package engine

// Join hands fn each record of left with those of right that have the same key,
// in the order of left; right waits in memory, in its order. What fn returns
// belongs to the record of left, and its trace has the steps of all of them.
// While a record of right is open nothing can be said about any of left, so all
// is one open record.
func Join(b *Build, stage string, left, right Rows, leftKey, rightKey func(any) string, fn func(any, []any) ([]any, error)) Rows {
	return func(finish func(*Record), yield func(Record) bool) {
		index := map[string][]Record{}
		whole := b.gather(stage, right, finish, yield, func(r Record) {
			key := rightKey(r.Value)
			index[key] = append(index[key], r)
		})
		if !whole {
			return
		}
		left(nil, func(r Record) bool {
			if r.Value == nil {
				return each(r, finish, yield)
			}
			for _, out := range joined(b, stage, r, index[leftKey(r.Value)], fn) {
				if !each(out, finish, yield) {
					return false
				}
			}
			return true
		})
	}
}

// joined returns the records that fn makes of one record and its matches.
func joined(b *Build, stage string, r Record, matches []Record, fn func(any, []any) ([]any, error)) []Record {
	values := make([]any, len(matches))
	steps := r.Trace.Steps[:len(r.Trace.Steps):len(r.Trace.Steps)] // siblings share what is behind it
	for i, m := range matches {
		values[i] = m.Value
		steps = append(steps, m.Trace.Steps...)
	}
	r.Trace.Steps = steps
	out, err := fn(r.Value, values)
	return newTask(b, stage, r).outcome(out, err)
}
