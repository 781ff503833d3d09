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

// A usage is what the answers of one stage took, hits included: what the stage
// would cost from scratch.
type usage struct {
	Stage      string  `json:"stage"`
	Tasks      int64   `json:"tasks"` // records that asked
	Requests   int64   `json:"requests"`
	Bytes      int64   `json:"bytes"` // of the texts that were asked
	Prompt     int64   `json:"prompt"`
	Completion int64   `json:"completion"`
	Counted    int64   `json:"counted"` // answers whose tokens are known
	CostNano   int64   `json:"cost_nano"`
	Priced     int64   `json:"priced"` // answers whose cost is known
	Seconds    float64 `json:"seconds"`
}

// A spending is the usage of a run by stage, in the order in which the stages
// first asked, and by model.
type spending struct {
	mu     sync.Mutex
	stages []*usage
	models map[string]*ModelUse
}

func (s *spending) stage(name string) *usage {
	i := slices.IndexFunc(s.stages, func(u *usage) bool { return u.Stage == name })
	if i < 0 {
		i = len(s.stages)
		s.stages = append(s.stages, &usage{Stage: name})
	}
	return s.stages[i]
}

func (s *spending) model(name string) *ModelUse {
	if s.models == nil {
		s.models = map[string]*ModelUse{}
	}
	if s.models[name] == nil {
		s.models[name] = &ModelUse{}
	}
	return s.models[name]
}

// add counts one answer of a model to a stage.
func (s *spending) add(name stepName, model string, r *dispatch.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model(model).add(r)
	e, u := r.Entry, s.stage(name.Stage)
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
	Rows   int64    `json:"rows"`
	Stages []*usage `json:"stages"`
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
