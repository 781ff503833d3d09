package graph

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A Survey finds the states of many targets of one moment: it looks at each
// file once, and does not see later changes. It is used by one goroutine.
type Survey struct {
	graph  *Graph
	reader *Reader
	look   Lookout
	parts  map[*Target][]Part
	found  map[*Target]*Status
}

// Survey begins a look at the targets as they are now. r may be used meanwhile,
// by others too.
func (g *Graph) Survey(r *Reader, look Lookout) *Survey {
	return &Survey{g, r.snapshot(), look, make(map[*Target][]Part), make(map[*Target]*Status)}
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
	s.describe(ts)
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

// describe finds the parts of ts and of all they need, in parallel.
func (s *Survey) describe(ts []*Target) {
	var todo []*Target
	for _, t := range s.graph.closure(ts, s.graph.needs) {
		if _, ok := s.parts[t]; !ok {
			todo = append(todo, t)
		}
	}
	parts := make([][]Part, len(todo))
	inParallel(len(todo), 2, func(i int) error {
		parts[i] = describe(todo[i], s.reader)
		readManifest(s.reader, ManifestPath(todo[i].Output)) // status sees it again, and its error
		return nil
	})
	for i, t := range todo {
		s.parts[t] = parts[i]
	}
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

// Parts describes the inputs of a target as they are now. It is what a build
// puts into the manifest; Digest of it is what a failed attempt is known by.
func Parts(t *Target, r *Reader) ([]Part, error) {
	parts := make([]Part, len(t.Inputs))
	seen := make(map[partKey]bool)
	for i, in := range t.Inputs {
		p, err := in.Part(r)
		if err != nil {
			return nil, fmt.Errorf("input %q of %s: %w", p.Attr, t.Name, err)
		}
		if k := (partKey{p.space(), p.Attr}); seen[k] {
			return nil, fmt.Errorf("%s has two inputs named %q", t.Name, p.Attr)
		} else {
			seen[k] = true
		}
		parts[i] = p
	}
	return parts, nil
}

// space is where a manifest keeps the part, by its attribute.
func (p *Part) space() string {
	switch p.Type {
	case TypeCode, TypeParam:
		return p.Type
	}
	return "dep"
}

// status decides the state of a target whose parts are known. Sources come
// first, so that their states are known; New saw to it that this ends.
func (s *Survey) status(t *Target) (*Status, error) {
	if st := s.found[t]; st != nil {
		return st, nil
	}
	for _, n := range s.graph.needs[t] {
		if _, err := s.status(n); err != nil {
			return nil, err
		}
	}
	st := &Status{Target: t, Parts: s.parts[t]}
	damage, err := s.readManifest(st)
	if err == nil {
		err = s.decide(st, damage)
	}
	if err != nil {
		return nil, err
	}
	s.found[t] = st
	return st, nil
}

// readManifest fills in what the manifest tells, and returns what is wrong with it.
func (s *Survey) readManifest(st *Status) (damage string, err error) {
	m, err := readManifest(s.reader, ManifestPath(st.Target.Output))
	var bad *damagedError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.As(err, &bad):
		return bad.why, nil
	case err != nil:
		return "", err
	}
	st.Manifest, st.Records, st.Errors, st.Skipped = m, m.Records, m.Errors, m.Skipped
	return "", nil
}

// decide is the one place that sets a state; its cases are in the order of the
// states.
func (s *Survey) decide(st *Status, damage string) error {
	output, err := s.output(st.Target)
	if err != nil {
		return err
	}
	switch m := st.Manifest; {
	case s.look.Running(st.Target.Name):
		st.State = Running
	case m == nil:
		st.State, st.Reasons = Missing, append([]Reason{noManifest(st.Target, damage)}, problems(st.Parts)...)
	case output == "":
		st.State, st.Reasons = Missing, append([]Reason{{Text: "Output file missing", Detail: st.Target.Output}}, problems(st.Parts)...)
	case m.Output.Digest != "" && m.Output.Digest != output:
		st.State, st.Reasons = Edited, []Reason{{Text: "Output file changed by hand", Detail: st.Target.Output}}
	default:
		s.compare(st)
	}
	return nil
}

// output is the full digest of a target's output, "" if there is none.
func (s *Survey) output(t *Target) (string, error) {
	digest, err := s.reader.FullDigest(t.Output)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return digest, err
}

// compare decides between the states that depend on inputs.
func (s *Survey) compare(st *Status) {
	changed := s.reasons(st)
	if st.Manifest.Partial {
		st.Reasons = append(st.Reasons, partialRun(st.Records))
	}
	st.Reasons = append(st.Reasons, changed...)
	digest, reason, failed := s.look.LastFailure(st.Target.Name)
	switch {
	case len(changed) == 0 && st.Manifest.Partial:
		st.State = Partial
	case len(changed) == 0:
		st.State = Current
	case failed && digest == Digest(st.Parts) && digest != "" && s.sourcesCurrent(st.Target):
		st.State = Failed
		st.Reasons = append([]Reason{{Text: "Last build failed", Detail: reason}}, st.Reasons...)
	default:
		st.State = Stale
	}
}

func noManifest(t *Target, damage string) Reason {
	switch {
	case damage != "":
		return Reason{Text: "Manifest is damaged", Detail: ManifestPath(t.Output) + ": " + damage}
	case t.Kind == Recipe:
		return Reason{Text: "No manifest (never prepared)"}
	}
	return Reason{Text: "No manifest (never run)"}
}

func partialRun(records int) Reason {
	return Reason{Text: fmt.Sprintf("Partial run (%d samples, run without --limit for full data)", records)}
}

// problems are the reasons why a target could not be made now.
func problems(parts []Part) []Reason {
	var reasons []Reason
	for i := range parts {
		if parts[i].Problem != "" {
			reasons = append(reasons, explain(nil, &parts[i])...)
		}
	}
	return reasons
}

// stateWord is a state within a sentence.
func stateWord(s State) string { return strings.ToLower(string(s)) }
