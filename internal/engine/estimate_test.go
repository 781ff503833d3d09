package engine

import (
	"testing"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/price"
)

// TestEstimatesAreCalibratedByStepAndModel asks what a request will take after a build in which two steps and two
// models took very different amounts for the same bytes.
func TestEstimatesAreCalibratedByStepAndModel(t *testing.T) {
	last := []*usage{
		{Stage: "ask", Model: "terse", Origin: "lab/t", Requests: 10, Counted: 10, Bytes: 10_000, Prompt: 2_000, Completion: 500, CostNano: 7_000, Priced: 10, Seconds: 20},
		{Stage: "ask", Model: "wordy", Requests: 10, Counted: 5, Bytes: 10_000, Prompt: 2_500, Completion: 5_000, Seconds: 60},
		{Stage: "judge", Model: "terse", Requests: 4, Counted: 4, Bytes: 4_000, Prompt: 1_000, Completion: 8, Seconds: 2},
	}
	model := func(name, id string) *dispatch.Model { return &dispatch.Model{Name: name, Provider: "lab", ID: id} }
	terse, wordy, priced := model("terse", "t"), model("wordy", "w"), model("terse", "t")
	priced.Price = &price.Price{Prompt: 1_000_000_000, Completion: 2_000_000_000} // nano-USD for a million tokens
	tests := []struct {
		name   string
		m      missed
		replay []*usage // what was counted in the plan itself
		want   Estimate
	}{
		{"a step and a model", missed{name: stepName{Stage: "ask"}, model: terse, bytes: 500}, nil, Estimate{Prompt: 100, Completion: 50, CostNano: 700, Priced: true, Seconds: 2}},
		{"the same name, and somebody else answers", missed{name: stepName{Stage: "ask"}, model: model("terse", "dear"), bytes: 500}, nil, Estimate{Prompt: 100, Completion: 50, Seconds: 2}},
		{"another model of the step, half of it counted", missed{name: stepName{Stage: "ask"}, model: wordy, bytes: 500}, nil, Estimate{Prompt: 250, Completion: 1_000, Seconds: 6}},
		{"the model in another step", missed{name: stepName{Stage: "judge"}, model: terse, bytes: 500}, nil, Estimate{Prompt: 125, Completion: 2, Seconds: 0.5}},
		{"at a price", missed{name: stepName{Stage: "judge"}, model: priced, bytes: 500}, nil, Estimate{Prompt: 125, Completion: 2, CostNano: 129_000, Priced: true, Seconds: 0.5}},
		{"a model that is new in the step", missed{name: stepName{Stage: "judge"}, model: wordy, bytes: 500}, nil, Estimate{Prompt: 125, Completion: 2, Seconds: 0.5}},
		{"a step that is new", missed{name: stepName{Stage: "new"}, model: terse, bytes: 500, limit: 300}, nil, Estimate{Prompt: 125, Completion: 300}},
		{
			"what this plan counted comes first",
			missed{name: stepName{Stage: "ask"}, model: terse, bytes: 500},
			[]*usage{{Stage: "ask", Model: "terse", Requests: 1, Counted: 1, Bytes: 1_000, Prompt: 400, Completion: 9}},
			Estimate{Prompt: 200, Completion: 9},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &planner{history: history{Stages: last}}
			b := &Build{}
			b.spending.stages = tt.replay
			if got := p.one(tt.m, b); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
