package e2e

import (
	"errors"
	"fmt"
	"strings"

	"github.com/identity-shaping/isf"
)

// The odd pipelines do what pipelines of real projects do wrong, and what the
// example does not need. They run on records of seeds.jsonl.

type seed struct {
	ID   string `json:"id,omitempty"`
	Text string `json:"text"`
}

// odd is a pipeline in one function.
type odd struct {
	Seeds isf.File  `isf:"seeds.jsonl"`
	Model isf.Model `isf:"plain"`

	build func(p *odd, b *isf.Build) isf.Rows[*isf.Sample]
}

func (p *odd) Build(b *isf.Build) isf.Rows[*isf.Sample] { return p.build(p, b) }

// each is the odd pipeline that runs fn over the seeds.
func each(fn func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error)) *odd {
	return &odd{build: func(p *odd, b *isf.Build) isf.Rows[*isf.Sample] {
		return isf.Each(b, "odd", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]*isf.Sample, error) {
			return fn(p, t, s)
		})
	}}
}

func (p *odd) ask(t *isf.Task, text string, opts ...isf.AskOption) ([]*isf.Sample, error) {
	r, err := t.Ask(p.Model, isf.Text(text), opts...)
	if err != nil {
		return nil, err
	}
	return isf.One(isf.NewSample(isf.User(text), r.Message()))
}

// chain reads another pipeline's rows.
type chain struct {
	From  isf.Target `isf:"plain"`
	Model isf.Model  `isf:"plain"`
}

func (p *chain) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "chain", isf.Read[isf.Sample](b, p.From), func(t *isf.Task, s isf.Sample) ([]*isf.Sample, error) {
		r, err := t.Ask(p.Model, append(s.Messages, isf.User("Tell me more.")))
		if err != nil {
			return nil, err
		}
		return isf.One(&isf.Sample{Messages: append(s.Messages, isf.User("Tell me more."), r.Message())})
	})
}

// twoModels asks two models about each seed.
type twoModels struct {
	Seeds isf.File  `isf:"seeds.jsonl"`
	Plain isf.Model `isf:"plain"`
	Judge isf.Model `isf:"judge"`
}

func (p *twoModels) Build(b *isf.Build) isf.Rows[*isf.Sample] {
	return isf.Each(b, "ask", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]*isf.Sample, error) {
		for _, m := range []isf.Model{p.Plain, p.Judge} {
			r, err := t.Ask(m, isf.Text(s.Text))
			if err != nil {
				return nil, err
			}
			if m == p.Judge {
				return isf.One(isf.NewSample(isf.User(s.Text), r.Message()))
			}
		}
		return nil, nil
	})
}

// angles has no order, so whoever writes it out asks something else each time.
var angles = map[string]bool{"Be kind.": true, "Be brief.": true, "Be plain.": true, "Be bold.": true, "Be slow.": true, "Be sure.": true, "Be calm.": true, "Be odd.": true}

func oddPipelines() []isf.Pipeline {
	all := map[string]*odd{
		"plain": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) { return p.ask(t, s.Text) }),
		"panics": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			if strings.Contains(s.Text, "seven") {
				var none []string
				_ = none[len(s.Text)]
			}
			return p.ask(t, s.Text)
		}),
		"picky": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			rows, err := p.ask(t, s.Text)
			switch {
			case strings.Contains(s.Text, "three"):
				return nil, isf.Errorf("parse_error", "no verdict about %q", s.Text)
			case strings.Contains(s.Text, "four"):
				return nil, isf.Skip("too short")
			}
			return rows, err
		}),
		"hopeless": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			if _, err := p.ask(t, s.Text); err != nil {
				return nil, err
			}
			return nil, isf.Errorf("parse_error", "never right")
		}),
		"speechless": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			switch {
			case strings.Contains(s.Text, "one"):
				return []*isf.Sample{nil}, nil
			case strings.Contains(s.Text, "two"):
				return nil, nil
			}
			return p.ask(t, s.Text)
		}),
		"undeclared": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			_, err := t.Ask("judge", isf.Text(s.Text))
			return nil, err
		}),
		"drawn": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			replies, err := t.AskN(p.Model, isf.Text(s.Text), 3)
			if err != nil {
				return nil, err
			}
			if replies[0].Text() == replies[1].Text() {
				return nil, errors.New("two draws are the same")
			}
			return isf.One(isf.NewSample(isf.User(s.Text), replies[2].Message()))
		}),
		"parallel": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			asks := []isf.Turns{isf.Text(s.Text + " One."), isf.Text(s.Text + " Two."), isf.Text(s.Text + " Three.")}
			all, err := t.AskAll(p.Model, asks, isf.Temperature(0.25))
			if err != nil {
				return nil, err
			}
			single, err := t.AskAll(p.Model, asks[1:2], isf.Temperature(0.25))
			if err != nil {
				return nil, err
			}
			if len(all) != 3 || len(single) != 1 || single[0].Text() != all[1].Text() {
				return nil, isf.Errorf("out_of_order", "the second answer of three is not the answer to the second")
			}
			return isf.One(isf.NewSample(isf.User(s.Text), all[0].Message()))
		}),
		"validated": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			calls := 0
			return p.ask(t, s.Text, isf.Validate(func(*isf.Response) error {
				if calls++; calls < 3 {
					return errors.New("not yet")
				}
				return nil
			}, 3))
		}),
		"patient": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			return p.ask(t, s.Text, isf.Validate(func(*isf.Response) error { return nil }, 5))
		}),
		"short": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			return p.ask(t, s.Text, isf.MaxTokens(3))
		}),
		"clash": each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
			rows, err := p.ask(t, s.Text)
			if err == nil {
				rows[0].ID = "the same"
			}
			return rows, err
		}),
		"set-up": {build: func(p *odd, b *isf.Build) isf.Rows[*isf.Sample] {
			if _, err := b.Ask(p.Model, isf.Text("What should I know?"), isf.MaxTokens(1)); err != nil {
				b.Logf("carrying on without: %v", err)
			}
			return isf.Of[*isf.Sample](b)
		}},
		"nothing": {build: func(_ *odd, b *isf.Build) isf.Rows[*isf.Sample] { return isf.Of[*isf.Sample](b) }},
		"bad-source": {build: func(_ *odd, b *isf.Build) isf.Rows[*isf.Sample] {
			return isf.From(b, func(yield func(*isf.Sample, error) bool) {
				panic("the source broke")
			})
		}},
		"barrier": {build: func(p *odd, b *isf.Build) isf.Rows[*isf.Sample] {
			rows := isf.Each(b, "odd", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]*isf.Sample, error) {
				return p.ask(t, s.Text)
			})
			return isf.All(b, "first", rows, func(all []*isf.Sample) ([]*isf.Sample, error) {
				return all[:min(2, len(all))], nil
			})
		}},
	}
	runs := 0
	all["unsteady"] = &odd{build: func(p *odd, b *isf.Build) isf.Rows[*isf.Sample] {
		runs++ // a variable that outlives a build
		return isf.Each(b, "odd", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]*isf.Sample, error) {
			return p.ask(t, fmt.Sprintf("%s (run %d)", s.Text, runs))
		})
	}}
	all["numbered"] = &odd{build: func(p *odd, b *isf.Build) isf.Rows[*isf.Sample] {
		rows := isf.Each(b, "odd", isf.Read[seed](b, p.Seeds), func(t *isf.Task, s seed) ([]*isf.Sample, error) {
			return p.ask(t, s.Text)
		})
		return isf.All(b, "number", rows, func(in []*isf.Sample) (out []*isf.Sample, err error) {
			for i, s := range in {
				out = append(out, &isf.Sample{ID: fmt.Sprintf("row-%d", i), Messages: s.Messages})
			}
			return out, nil
		})
	}}
	all["mapped"] = each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
		text := s.Text
		for angle := range angles {
			text += " " + angle
		}
		return p.ask(t, text)
	})
	var out []isf.Pipeline
	for _, name := range []string{"mapped", "plain", "panics", "picky", "hopeless", "undeclared", "drawn", "parallel", "validated", "patient", "short", "clash", "set-up", "nothing", "bad-source", "barrier", "unsteady", "numbered", "speechless"} {
		out = append(out, isf.Dataset(name, all[name], isf.Version("1"), isf.MaxErrorRate(0.5)))
	}
	weighted := each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
		rows, err := p.ask(t, s.Text)
		if err == nil {
			half := 0.5
			rows[0].Messages[1].Weight = &half
			rows[0].Meta = map[string]any{"score": 4}
		}
		return rows, err
	})
	out = append(out, isf.Dataset("weighted", weighted, isf.Version("1"), isf.Minimal(), isf.KeepMeta()))
	missing := each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) { return p.ask(t, s.Text) })
	missing.Model = "plaim"
	out = append(out, isf.Dataset("no-model", missing, isf.Version("1")))
	judged := each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) { return p.ask(t, s.Text) })
	judged.Model = "judge"
	out = append(out, isf.Dataset("judged", judged, isf.Version("1")))
	out = append(out, isf.Dataset("rated", &rated{}, isf.Version("1")))
	out = append(out, isf.Dataset("chain", &chain{}, isf.Version("1")))
	out = append(out, isf.Dataset("two-models", &twoModels{}, isf.Version("1")))
	out = append(out, isf.Dataset("two-steps", &twoSteps{}, isf.Version("1")))
	out = append(out, isf.Dataset("plain-again", each(func(p *odd, t *isf.Task, s seed) ([]*isf.Sample, error) {
		return p.ask(t, fmt.Sprintf("Again: %s", s.Text))
	}), isf.Version("1"), isf.Minimal()))
	return out
}
