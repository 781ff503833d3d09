package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/identity-shaping/isf/cache"
)

// recentBuilds is how many builds the hit rate looks back on.
const recentBuilds = 20

// CacheStats is what the cache holds and stands for, in the shape that scripts
// may rely on.
type CacheStats struct {
	Worth
	Disk     int64    `json:"disk_bytes"` // of all files, with what is free in them
	Pending  int      `json:"pending"`    // answers that are still in journals
	ByModel  []*Worth `json:"by_model"`
	ByTarget []*Worth `json:"by_target"` // an answer that two targets use is in both
	Recent   Recent   `json:"recent"`
}

// A Worth is what some answers stand for.
type Worth struct {
	Name       string `json:"name,omitempty"`
	Entries    int64  `json:"entries"`
	Bytes      int64  `json:"bytes"` // without the texts that they share
	Prompt     int64  `json:"prompt_tokens"`
	Completion int64  `json:"completion_tokens"`
	Unpriced   int64  `json:"unpriced"` // answers whose cost nobody said

	Cost     *float64 `json:"cost_usd"` // of the others; null if there are none
	CostNano int64    `json:"-"`

	Saved     float64 `json:"saved_usd"` // by answers that builds found here, as far as isf log remembers
	SavedNano int64   `json:"-"`
}

// Recent is how often the last builds found what they needed.
type Recent struct {
	Builds   int      `json:"builds"`
	Requests int64    `json:"requests"`
	Hits     int64    `json:"hits"`
	Rate     *float64 `json:"hit_rate"` // null where nothing was asked
}

// unused are the answers that no target uses, as far as is known.
const unused = "no target"

// CacheStats counts what a store holds, by the model that gave it and by the
// target that uses it.
func (p *Project) CacheStats(s *cache.Store) (CacheStats, error) {
	var stats CacheStats
	targets, err := p.Used()
	if err != nil {
		return stats, err
	}
	users, err := p.Users(targets, EveryRun)
	if err != nil {
		return stats, err
	}
	models, used := map[string]*Worth{}, map[string]*Worth{}
	err = s.Summaries(func(e cache.Summary) error {
		stats.add(e)
		of(models, e.Origin).add(e)
		names := users.Of(e.Ref.Key)
		if len(names) == 0 {
			names = []string{unused}
		}
		for _, n := range names {
			of(used, n).add(e)
		}
		return nil
	})
	if err != nil {
		return stats, err
	}
	disk, err := s.Stats()
	if err != nil {
		return stats, err
	}
	stats.Disk, stats.Pending = disk.Bytes, disk.Pending
	builds, err := p.Log(EveryRun)
	for _, b := range builds {
		for _, t := range b.Targets {
			stats.save(t.Saved)
			of(used, t.Name).save(t.Saved)
			for _, m := range t.Models {
				of(models, m.Origin).save(m.SavedNano)
			}
		}
	}
	stats.ByModel, stats.ByTarget = mostFirst(models), mostFirst(used)
	stats.Recent = recently(builds[max(0, len(builds)-recentBuilds):])
	return stats, err
}

func (w *Worth) save(nano int64) {
	w.SavedNano += nano
	w.Saved = float64(w.SavedNano) / 1e9
}

func of(all map[string]*Worth, name string) *Worth {
	if all[name] == nil {
		all[name] = &Worth{Name: name}
	}
	return all[name]
}

func (w *Worth) add(e cache.Summary) {
	w.Entries++
	w.Bytes += int64(e.Bytes)
	w.Prompt += e.Usage.Prompt
	w.Completion += e.Usage.Completion
	w.CostNano += e.CostNano
	if !e.CostKnown {
		w.Unpriced++
	}
	if w.Unpriced < w.Entries {
		cost := float64(w.CostNano) / 1e9
		w.Cost = &cost
	}
}

// mostFirst leaves out what neither holds nor saved anything.
func mostFirst(all map[string]*Worth) []*Worth {
	maps.DeleteFunc(all, func(_ string, w *Worth) bool { return w.Entries == 0 && w.SavedNano == 0 })
	return slices.SortedFunc(maps.Values(all), func(a, b *Worth) int {
		return cmp.Or(cmp.Compare(b.Entries, a.Entries), cmp.Compare(a.Name, b.Name))
	})
}

func recently(builds []LoggedBuild) Recent {
	r := Recent{Builds: len(builds)}
	for _, b := range builds {
		for _, t := range b.Targets {
			r.Requests += t.Requests.Total
			r.Hits += t.Requests.Hits
		}
	}
	if r.Requests > 0 {
		rate := float64(r.Hits) / float64(r.Requests)
		r.Rate = &rate
	}
	return r
}
