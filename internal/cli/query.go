package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/think"
)

// queryOptions are the flags of query.
type queryOptions struct {
	file, system, effort string
	stop                 []string
	temperature, topP    float64
	topK, seed           int64
	maxTokens            int64
	noCache, json        bool
}

func (a *app) queryCommand() *cobra.Command {
	var o queryOptions
	c := &cobra.Command{
		Use:   "query MODEL [PROMPT|-]",
		Short: "Ask a model of the registry one question",
		Long: `Ask a model one question and print what it says. The prompt is the argument,
standard input (-), or a file. The same question is answered from the cache the
next time; --no-cache asks anew and keeps nothing. Ctrl-C breaks the request off.`,
		Example: `  isf query judge "Which of these is plainer?"
  isf query pell-release-full --file question.txt --max-tokens 200
  git diff | isf query judge - --system "You review prose." --json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("max-tokens") && o.maxTokens < 1 {
				return engine.Usagef("--max-tokens %d: give a number of tokens above 0", o.maxTokens)
			}
			prompt, err := o.prompt(args[1:], c.InOrStdin())
			if err != nil {
				return err
			}
			return a.runQuery(c.Context(), engine.Query{
				Model: args[0], System: o.system, Prompt: prompt, Sampling: o.sampling(c.Flags().Changed), Fresh: o.noCache, Getenv: os.Getenv,
			}, o.json)
		},
	}
	o.flags(c)
	return c
}

func (o *queryOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.file, "file", "", "read the prompt from this file")
	f.StringVar(&o.system, "system", "", "system prompt, instead of the model's own")
	f.Float64Var(&o.temperature, "temperature", 0, "sampling temperature (default: the model's)")
	f.Float64Var(&o.topP, "top-p", 0, "nucleus sampling")
	f.Int64Var(&o.topK, "top-k", 0, "sample from the k likeliest tokens")
	f.Int64Var(&o.maxTokens, "max-tokens", 0, "most tokens of the answer")
	f.Int64Var(&o.seed, "seed", 0, "seed of the sampling")
	f.StringArrayVar(&o.stop, "stop", nil, "text that ends the answer (repeatable)")
	f.StringVar(&o.effort, "effort", "", "how much to think, in the provider's words")
	f.BoolVar(&o.noCache, "no-cache", false, "ask anew, and keep nothing")
	f.BoolVar(&o.json, "json", false, "print the answer with its usage and cost as JSON")
}

// prompt is the argument, standard input, or the file.
func (o *queryOptions) prompt(args []string, in io.Reader) (string, error) {
	var text []byte
	var err error
	switch {
	case len(args) == 1 && o.file != "":
		return "", engine.Usagef("give the prompt as an argument or with --file, not both")
	case o.file != "":
		text, err = os.ReadFile(o.file)
	case len(args) == 0:
		return "", engine.Usagef("give a prompt, - for standard input, or --file FILE")
	case args[0] == "-":
		text, err = io.ReadAll(in)
	default:
		text = []byte(args[0])
	}
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = engine.Usagef("the prompt is empty")
	}
	return strings.TrimSuffix(string(text), "\n"), err
}

// sampling are the flags that were given; 0 is a value too.
func (o *queryOptions) sampling(given func(string) bool) (s dispatch.Sampling) {
	s.MaxTokens, s.Stop, s.ReasoningEffort = o.maxTokens, o.stop, o.effort
	if given("temperature") {
		s.Temperature = &o.temperature
	}
	if given("top-p") {
		s.TopP = &o.topP
	}
	if given("top-k") {
		s.TopK = &o.topK
	}
	if given("seed") {
		s.Seed = &o.seed
	}
	return s
}

func (a *app) runQuery(ctx context.Context, q engine.Query, asJSON bool) error {
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	start := time.Now()
	reply, err := w.Query(ctx, q)
	switch {
	case errors.Is(err, engine.ErrInterrupted): // what is told of builds, that they go on, is not so here
		fmt.Fprintln(a.err, "isf: interrupted; the request was broken off before its answer came, so nothing of it is kept, though the provider may bill it")
		return exitCode(exitInterrupted)
	case err != nil:
		return err
	}
	took := time.Since(start)
	if asJSON {
		return writeJSON(a.out, newQueryReport(q.Model, reply, took))
	}
	fmt.Fprintln(a.out, safe(strings.TrimRight(reply.Entry.Text, "\n")))
	fmt.Fprintln(a.err, told(reply, took))
	if reply.Entry.Truncated() {
		return errors.New("the answer was cut off: raise --max-tokens")
	}
	return nil
}

// told is the line below an answer: who gave it, and what it took.
func told(r *dispatch.Reply, took time.Duration) string {
	e := r.Entry
	parts := []string{}
	if e.ModelResolved != "" {
		parts = append(parts, safe(e.ModelResolved))
	}
	if e.Usage.Known {
		parts = append(parts, fmt.Sprintf("%s + %s tokens", term.Count(e.Usage.Prompt), term.Count(e.Usage.Completion)))
	}
	switch {
	case r.Hit:
		return strings.Join(append(parts, "from the cache"), " · ")
	case !e.CostKnown:
		parts = append(parts, "cost unknown")
	case e.CostNano > 0:
		parts = append(parts, term.Money(e.CostNano))
	}
	return strings.Join(append(parts, term.Duration(took)), " · ")
}

// A queryReport is what query --json prints.
type queryReport struct {
	Model    string        `json:"model"`
	Resolved string        `json:"model_resolved"`
	Text     string        `json:"text"` // whole, thinking included
	Answer   string        `json:"answer"`
	Thinking string        `json:"thinking"`
	Finish   string        `json:"finish_reason"`
	Tokens   engine.Tokens `json:"tokens"`
	Cost     *float64      `json:"cost_usd"` // of the answer when it was asked; null where unknown
	Hit      bool          `json:"hit"`
	Tries    int           `json:"tries"`
	Key      string        `json:"key"`
	Seconds  float64       `json:"seconds"`
}

func newQueryReport(model string, r *dispatch.Reply, took time.Duration) queryReport {
	e := r.Entry
	thinking, _ := think.Extract(e.Text)
	return queryReport{
		Model: model, Resolved: e.ModelResolved, Text: e.Text, Answer: think.Strip(e.Text), Thinking: thinking, Finish: e.Finish,
		Tokens: engine.Tokens{Prompt: e.Usage.Prompt, Completion: e.Usage.Completion, CachedPrompt: e.Usage.CachedPrompt},
		Cost:   dollars(e.CostNano, e.CostKnown), Hit: r.Hit, Tries: r.Tries, Key: e.Key().String(), Seconds: took.Seconds(),
	}
}
