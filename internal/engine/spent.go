package engine

import (
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/identity-shaping/isf/cache"
	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
)

// A usage is what the answers of one model took in one stage, hits included:
// what they would cost from scratch.
type usage struct {
	Stage      string  `json:"stage"`
	Model      string  `json:"model"`  // "" in histories of older builds: of all models
	Origin     string  `json:"origin"` // who answered as that model
	Tasks      int64   `json:"tasks"`  // records whose first request it was
	Requests   int64   `json:"requests"`
	Bytes      int64   `json:"bytes"` // of the texts that were asked
	Prompt     int64   `json:"prompt"`
	Completion int64   `json:"completion"`
	Counted    int64   `json:"counted"` // answers whose tokens are known
	CostNano   int64   `json:"cost_nano"`
	Priced     int64   `json:"priced"` // answers whose cost is known
	Seconds    float64 `json:"seconds"`
}

// A spending is the usage of a run by stage and model, in the order in which
// they first asked, and what each model did.
type spending struct {
	mu     sync.Mutex
	stages []*usage
	models []*ModelUse
}

func (s *spending) stage(name string, m *dispatch.Model) *usage {
	i := slices.IndexFunc(s.stages, func(u *usage) bool { return u.Stage == name && u.Model == m.Name })
	if i < 0 {
		i = len(s.stages)
		s.stages = append(s.stages, &usage{Stage: name, Model: m.Name, Origin: m.Origin()})
	}
	return s.stages[i]
}

func (s *spending) model(m *dispatch.Model) *ModelUse {
	i := slices.IndexFunc(s.models, func(u *ModelUse) bool { return u.Name == m.Name })
	if i < 0 {
		i = len(s.models)
		s.models = append(s.models, &ModelUse{Name: m.Name, Origin: m.Origin()})
	}
	return s.models[i]
}

// add counts one answer of a model to a stage.
func (s *spending) add(name stepName, m *dispatch.Model, r *dispatch.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model(m).add(r)
	e, u := r.Entry, s.stage(name.Stage, m)
	u.Requests++
	if name.Place == 0 && name.Attempt == 0 {
		u.Tasks++
	}
	u.Bytes += textBytes(e.Fields)
	u.Seconds += e.End.Sub(e.Start).Seconds()
	if e.Usage.Known {
		u.Counted++
		u.Prompt += e.Usage.Prompt
		u.Completion += e.Usage.Completion
	}
	if e.CostKnown {
		u.Priced++
		u.CostNano += e.CostNano
	}
}

// textBytes is how much text a request has.
func textBytes(fields cache.Fields) (n int64) {
	for _, f := range fields {
		if f.Tag.Class() == cache.Text {
			n += int64(len(f.Value))
		}
	}
	return n
}

// A history is what the last full build of a target took, by which the next
// one is estimated. Losing it makes estimates coarser.
type history struct {
	Rows    int64    `json:"rows"`
	Records int64    `json:"records,omitempty"` // that came to the last stage; 0 in histories of older builds
	Stages  []*usage `json:"stages"`
}

func historyPath(target string) string {
	return path.Join(StateDir, "history", flatten(target)+".json")
}

func (p *Project) keepHistory(target string, h history) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return graph.WriteFile(p.Files, historyPath(target), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func (p *Project) history(target string) (h history) {
	text, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(historyPath(target))))
	if err == nil {
		_ = json.Unmarshal(text, &h)
	}
	return h
}
