package engine

import (
	"math"
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
		f.Estimate.add(p.one(m, b), 1)
	}
	f.Unknown = p.behind(f)
	if f.Unknown > 0 {
		f.Estimate.add(p.average(), f.Unknown)
	}
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

// one estimates a request by what its stage took before: in this replay, else
// in the last build.
func (p *planner) one(m missed, b *Build) Estimate {
	u := usage{}
	for _, known := range [][]*usage{b.spending.stages, p.history.Stages} {
		for _, k := range known {
			if k.Stage == m.name.Stage && u.Requests == 0 {
				u = *k
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
	switch {
	case m.known:
		e.CostNano, e.Priced = m.price.Cost(e.Prompt, 0, e.Completion), true
	case u.Priced > 0:
		e.CostNano, e.Priced = u.CostNano/u.Priced, true
	}
	return e
}

func orMany(limit int64) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	return limit
}

// average is the mean request of the last build.
func (p *planner) average() Estimate {
	total := p.history.estimate(1)
	n := max(total.Requests, 1)
	return Estimate{Prompt: total.Prompt / n, Completion: total.Completion / n, CostNano: total.CostNano / n, Priced: total.Priced, Seconds: total.Seconds / float64(n)}
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
	upstream := p.upstream()
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
	stages := p.history.Stages
	for i, u := range stages {
		tasks := float64(max(u.Tasks, 1))
		perTask[u.Stage] = float64(u.Requests) / tasks
		for _, later := range stages[i+1:] {
			after[u.Stage] += float64(later.Requests) / tasks
		}
	}
	return perTask, after
}

// upstream estimates how many rows of its sources this target will still get
// to see, or -1.
func (p *planner) upstream() (rows int64) {
	for _, need := range p.engine.project.Graph.Direct(p.target) {
		f := p.engine.forecasts[need]
		if f == nil || f.Misses == 0 && f.Unknown == 0 {
			continue
		}
		h := p.engine.project.history(need.Name)
		if len(h.Stages) == 0 || f.Unknown < 0 {
			return -1
		}
		last := h.Stages[len(h.Stages)-1]
		rows += int64(math.Round(float64(f.Misses) * float64(h.Rows) / float64(max(last.Requests, 1))))
	}
	return rows
}
