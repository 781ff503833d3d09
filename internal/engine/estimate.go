package engine

import (
	"math"
	"slices"

	"github.com/identity-shaping/isf/dispatch"
)

// bytesPerToken is the usual size of a token of English text, for requests of
// a kind that was never counted.
const bytesPerToken = 4

// usualAnswer is the length, in tokens, that an answer is taken to have where
// no answer of the stage is known: that of a few paragraphs.
const usualAnswer = 400

// sum fills in what the plan counted.
func (p *planner) sum(f *Forecast, b *Build) {
	f.Hits, f.Misses = b.tally.Hits.Load(), int64(len(p.misses))
	for _, text := range p.order {
		f.Causes = append(f.Causes, Cause{text, p.causes[text]})
	}
	for _, m := range p.misses {
		f.add(m.model.Name, p.one(m, b), 1)
	}
	f.Unknown = p.behind(f)
	p.spread(f, f.Unknown)
	f.Estimate.Requests = f.Misses
	f.Scratch = f.Estimate
	for _, u := range b.spending.stages {
		f.Scratch.add(Estimate{Prompt: u.Prompt, Completion: u.Completion, CostNano: u.CostNano, Priced: u.Priced == u.Requests, Seconds: u.Seconds}, 1)
	}
	f.Scratch.Requests = f.Hits + f.Misses + max(f.Unknown, 0)
	workers := float64(b.workers)
	f.Estimate.Seconds /= workers
	f.Scratch.Seconds /= workers
}

func (e *Estimate) add(o Estimate, n int64) {
	e.Prompt += n * o.Prompt
	e.Completion += n * o.Completion
	e.CostNano += n * o.CostNano
	e.Priced = e.Priced && o.Priced
	e.Seconds += float64(n) * o.Seconds
}

// add counts n requests to a model, each of which takes one.
func (f *Forecast) add(model string, one Estimate, n int64) {
	f.Estimate.add(one, n)
	i := slices.IndexFunc(f.Models, func(m ModelEstimate) bool { return m.Name == model })
	if i < 0 {
		i = len(f.Models)
		f.Models = append(f.Models, ModelEstimate{Name: model, Estimate: Estimate{Priced: true}})
	}
	f.Models[i].Estimate.add(one, n)
	f.Models[i].Requests += n
}

// SumEstimates adds up what several forecasts say, by model. What is expected
// to cost most comes first.
func SumEstimates(all ...[]ModelEstimate) []ModelEstimate {
	return sumByModel(all...)
}

func (m *ModelEstimate) of() (model string, costNano, requests int64) {
	return m.Name, m.CostNano, m.Requests
}

func (m *ModelEstimate) plus(o ModelEstimate) {
	m.Estimate.add(o.Estimate, 1)
	m.Requests += o.Requests
}

// one estimates a request by what its model took in its stage before: in this
// replay, else in the last build. Where the model is new there, by what any did.
func (p *planner) one(m missed, b *Build) Estimate {
	u := usage{}
	for _, model := range []string{m.model.Name, ""} {
		for _, known := range [][]*usage{b.spending.stages, p.history.Stages} {
			for _, k := range known {
				if k.Stage == m.name.Stage && (model == "" || k.Model == model) && u.Requests == 0 {
					u = *k
				}
			}
		}
	}
	e := Estimate{Prompt: m.bytes / bytesPerToken, Completion: min(usualAnswer, orMany(m.limit))}
	if u.Counted > 0 && u.Bytes > 0 {
		e.Prompt = m.bytes * u.Prompt / max(u.Bytes*u.Counted/u.Requests, 1)
		e.Completion = u.Completion / u.Counted
	}
	if u.Requests > 0 {
		e.Seconds = u.Seconds / float64(u.Requests)
	}
	e.charge(m.model, &u)
	return e
}

// charge says what a request to m costs: at the price that is known before it answers, else what such requests
// took, if it was m that answered them. What another one took, such as the simulated model under the same name,
// says nothing of it.
func (e *Estimate) charge(m *dispatch.Model, u *usage) {
	if p, known := m.PriceKnown(); known {
		e.CostNano, e.Priced = p.Cost(e.Prompt, 0, e.Completion), true
		return
	}
	if u.Priced > 0 && u.Origin == m.Origin() {
		e.CostNano, e.Priced = u.CostNano/u.Priced, true
	}
}

func orMany(limit int64) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	return limit
}

// spread counts n requests that nobody has seen yet to the models of the last
// build, each its share, at what its requests took.
func (p *planner) spread(f *Forecast, n int64) {
	if n <= 0 {
		return
	}
	weights := p.weights()
	sum, before := 0.0, 0.0
	for _, w := range weights {
		sum += w
	}
	for i, u := range p.history.Stages {
		from := math.Round(float64(n) * before / sum)
		before += weights[i]
		share := int64(math.Round(float64(n)*before/sum) - from) // so that the shares add up to n
		if each := u.Requests; share > 0 {
			one := Estimate{Prompt: u.Prompt / each, Completion: u.Completion / each, Seconds: u.Seconds / float64(each)}
			if m, err := p.engine.project.Registry.Lookup(u.Model); err == nil {
				one.charge(sendable(m), u)
			}
			f.add(u.Model, one, share)
		}
	}
}

// weights says how much of what waits behind the misses each stage and model of
// the last build will get: what records with a miss asked then, less what they
// miss now, and what followed from them; else as much as it had.
func (p *planner) weights() []float64 {
	type place struct{ stage, model string }
	missed, open := map[place]float64{}, map[string]map[string]bool{}
	for _, m := range p.misses {
		missed[place{m.name.Stage, m.model.Name}]++
		if open[m.name.Stage] == nil {
			open[m.name.Stage] = map[string]bool{}
		}
		open[m.name.Stage][m.name.Record] = true
	}
	tasks := map[string]float64{}
	for _, u := range stageTotals(p.history.Stages) {
		tasks[u.Stage] = float64(max(u.Tasks, 1))
	}
	out, all, sum := make([]float64, len(p.history.Stages)), make([]float64, len(p.history.Stages)), 0.0
	for i, u := range p.history.Stages {
		each := float64(u.Requests) / tasks[u.Stage]
		out[i] = max(0, float64(len(open[u.Stage]))*each-missed[place{u.Stage, u.Model}]) + p.waitingFor(u.Stage, open, tasks)*each
		all[i] = float64(u.Requests)
		sum += out[i]
	}
	if sum == 0 {
		return all
	}
	return out
}

// waitingFor is how many records will come to a stage from those that are open
// in the stages before it.
func (p *planner) waitingFor(stage string, open map[string]map[string]bool, tasks map[string]float64) (n float64) {
	for _, u := range stageTotals(p.history.Stages) {
		if u.Stage == stage {
			break
		}
		n += float64(len(open[u.Stage])) * tasks[stage] / tasks[u.Stage]
	}
	return n
}

// estimate is what a whole build took, with so many requests in flight.
func (h history) estimate(workers int) Estimate {
	total := Estimate{Priced: true}
	for _, u := range h.Stages {
		total.add(Estimate{Prompt: u.Prompt, Completion: u.Completion, CostNano: u.CostNano, Priced: u.Priced == u.Requests, Seconds: u.Seconds}, 1)
		total.Requests += u.Requests
	}
	total.Seconds /= float64(workers)
	return total
}

// behind estimates how many requests wait behind the misses, in records that
// stopped at one and in rows of other targets that are not known yet. -1 says
// that something waits and no last build tells how much.
func (p *planner) behind(f *Forecast) int64 {
	perTask, after := p.shape()
	open := map[string]map[string]int64{} // stage → record → misses
	for _, m := range p.misses {
		if open[m.name.Stage] == nil {
			open[m.name.Stage] = map[string]int64{}
		}
		open[m.name.Stage][m.name.Record]++
	}
	upstream, awaits := p.upstream()
	f.Awaits = awaits
	if len(p.history.Stages) == 0 && (len(p.misses) > 0 || upstream != 0) {
		return -1
	}
	if upstream < 0 {
		return -1
	}
	total := 0.0
	for stage, records := range open {
		for _, seen := range records {
			total += max(0, perTask[stage]-float64(seen)) + after[stage]
		}
	}
	if n := len(p.history.Stages); n > 0 && upstream > 0 {
		first := p.history.Stages[0].Stage
		total += float64(upstream) * (perTask[first] + after[first])
	}
	return int64(math.Round(total))
}

// shape returns, for each stage of the last build, how many requests one of
// its records made in it, and in the stages behind it.
func (p *planner) shape() (perTask, after map[string]float64) {
	perTask, after = map[string]float64{}, map[string]float64{}
	stages := stageTotals(p.history.Stages)
	for i, u := range stages {
		tasks := float64(max(u.Tasks, 1))
		perTask[u.Stage] = float64(u.Requests) / tasks
		for _, later := range stages[i+1:] {
			after[u.Stage] += float64(later.Requests) / tasks
		}
	}
	return perTask, after
}

// stageTotals adds up the models of each stage, in the order of the stages.
func stageTotals(all []*usage) (out []usage) {
	for _, u := range all {
		i := slices.IndexFunc(out, func(sum usage) bool { return sum.Stage == u.Stage })
		if i < 0 {
			out = append(out, usage{Stage: u.Stage, Tasks: u.Tasks, Requests: u.Requests})
			continue
		}
		out[i].Tasks += u.Tasks
		out[i].Requests += u.Requests
	}
	return out
}

// upstream estimates how many rows of its sources this target will still get
// to see, or -1, and names those sources.
func (p *planner) upstream() (rows int64, awaits []string) {
	known := true
	for _, need := range p.engine.project.Graph.Direct(p.target) {
		f := p.engine.forecasts[need]
		if f == nil || f.Misses == 0 && f.Unknown == 0 {
			continue
		}
		awaits = append(awaits, need.Name)
		h := p.engine.project.history(need.Name)
		if len(h.Stages) == 0 || f.Unknown < 0 {
			known = false
			continue
		}
		stages := stageTotals(h.Stages)
		last := stages[len(stages)-1]
		rows += int64(math.Round(float64(f.Misses) * float64(h.Rows) / float64(max(last.Requests, 1))))
	}
	if !known {
		rows = -1
	}
	return rows, awaits
}
