package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/ctl"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
)

// control answers other processes while e builds. A build that cannot be
// controlled builds all the same.
func (a *app) control(root string, e *engine.Engine) (stop func()) {
	stop, err := ctl.Serve(root, func(r ctl.Request) ctl.Answer { return obey(e, r) })
	if err != nil {
		return func() {}
	}
	return stop
}

// obey does what a request says and answers with the status after it.
func obey(e *engine.Engine, r ctl.Request) ctl.Answer {
	var err error
	switch r.Command {
	case "workers":
		err = e.SetWorkers(r.N)
	case "pause", "resume":
		err = e.Pause(r.Command == "pause")
	case "budget":
		err = e.SetBudget(r.Nano)
	case "drop":
		err = e.Drop(r.Model)
	case "status":
	default:
		err = fmt.Errorf("this build does not know the command %q", r.Command)
	}
	if err != nil {
		return ctl.Answer{Error: err.Error()}
	}
	s, err := e.Status()
	if err != nil {
		return ctl.Answer{Error: err.Error()}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return ctl.Answer{Error: err.Error()}
	}
	return ctl.Answer{Status: text}
}

func (a *app) ctlCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ctl",
		Short: "Steer a build that is running",
		Long: `Steer the builds of this project that are running, from another terminal.
Nothing of it is kept: the next build does what isf.yaml and its flags say.`,
		Example: `  isf ctl status
  isf ctl workers 10
  isf ctl budget 5`,
	}
	c.AddCommand(
		a.ctlVerb("status", "Say how far each target is, what is on the wire, and what was spent", 0, nil),
		a.ctlVerb("workers N", "Change the number of requests in flight", 1, func(arg string) (ctl.Request, error) {
			n, err := strconv.Atoi(arg)
			if err != nil || n < 1 {
				return ctl.Request{}, engine.Usagef("%q is not a number of workers above 0", arg)
			}
			return ctl.Request{N: n}, nil
		}),
		a.ctlVerb("pause", "Send nothing further until resume; what is on the wire comes home", 0, nil),
		a.ctlVerb("resume", "Go on after pause", 0, nil),
		a.ctlVerb("budget USD", "Change what the build may cost in all", 1, func(arg string) (ctl.Request, error) {
			nano, err := config.ParseUSD(arg)
			if err != nil {
				return ctl.Request{}, engine.Usagef("%w", err)
			}
			return ctl.Request{Nano: nano}, nil
		}),
		a.ctlVerb("drop MODEL", "Ask a model nothing more in this build, and go on with the others", 1, func(arg string) (ctl.Request, error) {
			return ctl.Request{Model: arg}, nil
		}),
	)
	return c
}

// ctlVerb is one command to a running build. read makes the request of the
// argument.
func (a *app) ctlVerb(use, short string, args int, read func(string) (ctl.Request, error)) *cobra.Command {
	var asJSON bool
	verb, _, _ := strings.Cut(use, " ")
	c := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: "  isf ctl " + strings.NewReplacer("USD", "2.50", "MODEL", "judge", "N", "10").Replace(use),
		Args:    cobra.ExactArgs(args),
		RunE: func(c *cobra.Command, args []string) (err error) {
			var r ctl.Request
			if read != nil {
				if r, err = read(args[0]); err != nil {
					return err
				}
			}
			r.Command = verb
			return a.runCtl(c.Context(), r, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (a *app) runCtl(ctx context.Context, r ctl.Request, asJSON bool) error {
	dir, err := filepath.Abs(a.dir)
	if err != nil {
		return err
	}
	root, err := config.FindRoot(dir)
	if err != nil {
		return err
	}
	answers, err := ctl.Call(ctx, root, r)
	if err != nil {
		return err
	}
	if len(answers) == 0 {
		return errors.New("no build of this project is running")
	}
	if asJSON {
		return writeJSON(a.out, answers)
	}
	for _, one := range answers {
		if one.Error != "" {
			return fmt.Errorf("the build with process number %d: %s", one.PID, one.Error)
		}
		var s engine.Status
		if err := json.Unmarshal(one.Status, &s); err != nil {
			return err
		}
		a.printSending(one.PID, s)
	}
	return nil
}

func (a *app) printSending(pid int, s engine.Status) {
	state := "sends"
	if s.Paused {
		state = "is paused"
	}
	budget := ""
	if s.LimitNano > 0 {
		budget = " of " + term.Money(s.LimitNano)
	}
	fmt.Fprintf(a.out, "build %d %s: %d of %s on the wire, %s waiting · %s sent · %s%s spent\n", pid, state, s.Busy, count(s.Workers, "worker"),
		term.Count(int64(s.Waiting)), count(int(s.Requests), "request"), term.Money(s.SpentNano), budget)
	for _, t := range s.Targets {
		a.printTarget(t)
	}
	printUses(a.out, "  ", s.Models)
	for _, l := range s.Lanes {
		line := fmt.Sprintf("  %s %s %s: %d on the wire, at most %d", safe(l.Provider), safe(l.Model), l.Host, l.Busy, l.Limit)
		if l.Quiet > 0 {
			line += ", waits for " + term.Duration(time.Duration(l.Quiet*float64(time.Second)))
		}
		fmt.Fprintln(a.out, line)
	}
	if len(s.Failures) > 0 {
		fmt.Fprintf(a.out, "  tries that failed: %s\n", term.ByKind(s.Failures))
	}
	for _, name := range s.Dropped {
		fmt.Fprintf(a.out, "  model %s is left alone\n", safe(name))
	}
}

// printTarget says how far one target of a running build is.
func (a *app) printTarget(t engine.Snapshot) {
	line := fmt.Sprintf("  %s: %s", path.Base(t.Target), count(int(t.Done), "record"))
	if t.Counted {
		line = fmt.Sprintf("  %s: %s of %s", path.Base(t.Target), term.Count(t.Done), count(int(t.Started), "record"))
	}
	line += fmt.Sprintf(", %s sent, %s from the cache", term.Count(t.Requests.Sent), term.Count(t.Requests.Hits))
	line += moneyBehind(", ", t.CostNano) + savedBehind(", ", t.SavedNano)
	if t.Errors > 0 {
		line += fmt.Sprintf(", %s (%s)", count(int(t.Errors), "error"), term.ByKind(t.ByError))
	}
	if t.Over {
		line += ", over in " + term.Duration(time.Duration(t.Seconds*float64(time.Second)))
	}
	fmt.Fprintln(a.out, line)
}
