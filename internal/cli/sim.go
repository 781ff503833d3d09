package cli

import (
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/sim"
)

func (a *app) simCommand() *cobra.Command {
	var o sim.Options
	var addr string
	c := &cobra.Command{
		Use:         "sim",
		Annotations: noProject,
		Short:       "Serve the simulated model over HTTP",
		Long: `Serve the simulated model as an OpenAI-compatible server. It is deterministic
and says openly what it is; it can be told to be slow, to fail, and to reword.
GET /stats counts what it served. Point a model at it with base_url.`,
		Example: `  isf sim --addr 127.0.0.1:8808
  isf sim --addr 127.0.0.1:0 --latency 100ms --error-rate 0.02 --rate-limit 0.05`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkRates(o); err != nil {
				return err
			}
			return sim.Serve(c.Context(), addr, o, func(at net.Addr) {
				fmt.Fprintf(a.out, "http://%s/v1\n", at)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8808", "address to listen on; port 0 takes a free one")
	f.DurationVar(&o.Latency, "latency", 0, "time before each answer")
	f.DurationVar(&o.Jitter, "jitter", 0, "up to this much more or less latency")
	f.Float64Var(&o.ErrorRate, "error-rate", 0, "share of requests answered with a server error")
	f.Float64Var(&o.RateLimit, "rate-limit", 0, "share of requests answered with 429")
	f.DurationVar(&o.RetryAfter, "retry-after", 0, "Retry-After of a 429")
	f.IntVar(&o.Capacity, "capacity", 0, "requests at once above which 429 is answered; 0 is any number")
	f.Float64Var(&o.CutRate, "cut-rate", 0, "share of answers cut in the middle of the body")
	f.Float64Var(&o.HangRate, "hang-rate", 0, "share of requests that are never answered")
	f.Float64Var(&o.TruncateRate, "truncate-rate", 0, "share of answers that stop for length")
	f.BoolVar(&o.Unauthorized, "unauthorized", false, "answer everything with 401")
	f.BoolVar(&o.Reword, "reword", false, "say the same with other words")
	f.Uint64Var(&o.Seed, "seed", 0, "another seed is another model")
	return c
}

func checkRates(o sim.Options) error {
	for name, rate := range map[string]float64{"error-rate": o.ErrorRate, "rate-limit": o.RateLimit, "cut-rate": o.CutRate, "hang-rate": o.HangRate, "truncate-rate": o.TruncateRate} {
		if rate < 0 || rate > 1 {
			return engine.Usagef("--%s %v: give a share between 0 and 1", name, rate)
		}
	}
	return nil
}
