package graph

import "fmt"

// A Survey finds the states of many targets of one moment: it looks at each
// file once, and does not see later changes. It is used by one goroutine.
type Survey struct {
	graph  *Graph
	reader *Reader
	look   Lookout
	views  map[*Target]*view
	found  map[*Target]*Status
}

// A view is what was seen of a target.
type view struct {
	parts    []Part
	manifest *Manifest
	err      error // why there is no manifest
}

// Survey begins a look at the targets as they are now. r may be used meanwhile,
// by others too.
func (g *Graph) Survey(r *Reader, look Lookout) *Survey {
	return &Survey{g, r.snapshot(), look, make(map[*Target]*view), make(map[*Target]*Status)}
}

// Status finds the state of one target. For several, Survey looks once.
func (g *Graph) Status(t *Target, r *Reader, look Lookout) (Status, error) {
	return g.Survey(r, look).Status(t)
}

// Status finds the state of a target, and of what it needs.
func (s *Survey) Status(t *Target) (Status, error) {
	all, err := s.Statuses([]*Target{t})
	if err != nil {
		return Status{}, err
	}
	return all[0], nil
}

// Statuses finds the states of targets, in their order.
func (s *Survey) Statuses(ts []*Target) ([]Status, error) {
	defer s.reader.seen.forgetFolders()
	s.view(ts)
	statuses := make([]Status, len(ts))
	for i, t := range ts {
		st, err := s.status(t)
		if err != nil {
			return nil, fmt.Errorf("finding the state of %s: %w", t.Name, err)
		}
		statuses[i] = *st
	}
	return statuses, nil
}

// view looks at ts and at all they need, in parallel.
func (s *Survey) view(ts []*Target) {
	var todo []*Target
	for _, t := range s.graph.closure(ts, s.graph.needs) {
		if s.views[t] == nil {
			s.views[t] = &view{}
			todo = append(todo, t)
		}
	}
	inParallel(len(todo), 2, func(i int) error { // errors belong to the views
		t, v := todo[i], s.views[todo[i]]
		v.parts = describe(t, s.reader)
		v.manifest, v.err = s.reader.manifestOver(ManifestPath(t.Output), v.parts)
		return nil
	})
}

// describe is Parts for those who only look: what cannot be described is a part
// with a problem.
func describe(t *Target, r *Reader) []Part {
	parts := make([]Part, len(t.Inputs))
	for i, in := range t.Inputs {
		p, err := in.Part(r)
		if err != nil {
			p.Problem = err.Error()
		}
		parts[i] = p
	}
	return parts
}

// status decides the state of a target that was viewed. Sources come first, so
// that their states are known; New saw to it that this ends.
func (s *Survey) status(t *Target) (*Status, error) {
	if st := s.found[t]; st != nil {
		return st, nil
	}
	for _, n := range s.graph.needs[t] {
		if _, err := s.status(n); err != nil {
			return nil, err
		}
	}
	v := s.views[t]
	st := &Status{Target: t, Parts: v.parts, Manifest: v.manifest}
	if m := v.manifest; m != nil {
		st.Records, st.Errors, st.Skipped = m.Records, m.Errors, m.Skipped
	}
	if err := s.decide(st, v.err); err != nil {
		return nil, err
	}
	s.found[t] = st
	return st, nil
}
