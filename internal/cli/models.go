package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/registry"
	"github.com/identity-shaping/isf/internal/term"
)

func (a *app) modelsCommand() *cobra.Command {
	var ping, asJSON bool
	c := &cobra.Command{
		Use:   "models [NAME…]",
		Short: "List the models: provider, price, limits, and whether there is a key",
		Long: `List the models of the registry: who answers, what it costs in USD per million
tokens, what limits are set, and whether the key is there. Nothing is sent.
--ping asks each of them for a word, once, past the cache; that costs a few tokens.`,
		Example: `  isf models
  isf models judge --ping`,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runModels(c.Context(), args, ping, asJSON)
		},
	}
	c.Flags().BoolVar(&ping, "ping", false, "ask each model for a word")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// modelReport is one model of models --json.
type modelReport struct {
	Name     string            `json:"name"`
	Provider string            `json:"provider"`
	Model    string            `json:"model"`
	Hosts    []string          `json:"hosts"`
	Price    *priceReport      `json:"price"` // null: unknown until the provider says
	RPM      int64             `json:"rpm,omitempty"`
	TPM      int64             `json:"tpm,omitempty"`
	KeyEnv   string            `json:"key_env,omitempty"`
	Key      dispatch.KeyState `json:"key"`
	Problem  string            `json:"problem,omitempty"`
	Ping     *pingReport       `json:"ping,omitempty"`
}

// priceReport is in USD per million tokens.
type priceReport struct {
	Prompt       float64 `json:"prompt"`
	Completion   float64 `json:"completion"`
	CachedPrompt float64 `json:"cached_prompt"`
}

type pingReport struct {
	OK      bool    `json:"ok"`
	Model   string  `json:"model_resolved,omitempty"`
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
}

func (a *app) runModels(ctx context.Context, names []string, ping, asJSON bool) error {
	w, err := a.open(nil)
	if err != nil {
		return err
	}
	defer w.close()
	models := w.Registry.Models()
	if len(names) > 0 {
		models = models[:0:0]
		for _, name := range names {
			m, err := w.Registry.Find(name)
			if err != nil {
				return err
			}
			models = append(models, m)
		}
	}
	rows := make([]modelReport, len(models))
	var wg sync.WaitGroup
	for i, m := range models {
		info := w.ModelInfo(m.Name, os.Getenv)
		rows[i] = newModelReport(m, info)
		if ping && rows[i].Problem == "" {
			wg.Go(func() { rows[i].Ping = w.ping(ctx, info.Model) })
		}
	}
	wg.Wait()
	if asJSON {
		return writeJSON(a.out, rows)
	}
	a.printModels(rows)
	return failedPing(rows)
}

// failedPing makes a ping that failed the command's failure.
func failedPing(rows []modelReport) error {
	for _, r := range rows {
		if r.Ping != nil && !r.Ping.OK {
			return errTold
		}
	}
	return nil
}

func newModelReport(m registry.Model, info engine.ModelInfo) modelReport {
	r := modelReport{
		Name: m.Name, Provider: m.Provider, Model: m.ID, Hosts: info.Hosts, RPM: m.Config.Limits.RPM, TPM: m.Config.Limits.TPM,
		KeyEnv: info.KeyEnv, Key: info.Key, Problem: info.Problem,
	}
	if r.Hosts == nil {
		r.Hosts = []string{}
	}
	if info.Err != nil {
		r.Key, r.Problem = dispatch.KeyNone, info.Err.Error()
		return r
	}
	if p, known := info.Model.PriceKnown(); known {
		r.Price = newPriceReport(p)
	}
	return r
}

func newPriceReport(p config.Price) *priceReport {
	return &priceReport{float64(p.Prompt) / 1e9, float64(p.Completion) / 1e9, float64(p.CachedPrompt) / 1e9}
}

func (w *workspace) ping(ctx context.Context, m *dispatch.Model) *pingReport {
	start := time.Now()
	reply, err := w.Ping(ctx, m, os.Getenv)
	p := &pingReport{OK: err == nil, Seconds: time.Since(start).Seconds()}
	if err != nil {
		p.Error = err.Error()
		return p
	}
	p.Model = reply.Entry.ModelResolved
	return p
}

// printModels aligns what is short, and puts what is wrong below a line.
func (a *app) printModels(rows []modelReport) {
	cells := make([][]string, len(rows))
	var width [5]int
	for i, r := range rows {
		cells[i] = []string{r.Name, r.Provider, safe(r.Model), r.price(), r.key()}
		for j, c := range cells[i] {
			width[j] = max(width[j], term.Columns(c))
		}
	}
	for i, r := range rows {
		line := ""
		for j, c := range cells[i] {
			line += term.Left(c, width[j]) + "  "
		}
		fmt.Fprintln(a.out, strings.TrimRight(line+r.limits(), " "))
		switch {
		case r.Problem != "":
			fmt.Fprintf(a.out, "  %s\n", safe(r.Problem))
		case r.Ping != nil && r.Ping.OK:
			fmt.Fprintf(a.out, "  answers in %s as %s\n", term.Duration(time.Duration(r.Ping.Seconds*float64(time.Second))), safe(r.Ping.Model))
		case r.Ping != nil:
			fmt.Fprintf(a.out, "  %s\n", safe(r.Ping.Error))
		}
	}
}

func (r modelReport) price() string {
	switch {
	case r.Price == nil:
		return "price unknown"
	case *r.Price == (priceReport{}):
		return "free"
	}
	return fmt.Sprintf("$%v / $%v", r.Price.Prompt, r.Price.Completion)
}

func (r modelReport) key() string {
	switch r.Key {
	case dispatch.KeySet:
		return r.KeyEnv + " set"
	case dispatch.KeyMissing:
		return r.KeyEnv + " missing"
	}
	return "no key"
}

func (r modelReport) limits() string {
	var out []string
	if r.RPM > 0 {
		out = append(out, term.Count(r.RPM)+" requests/min")
	}
	if r.TPM > 0 {
		out = append(out, term.Count(r.TPM)+" tokens/min")
	}
	return strings.Join(out, ", ")
}
