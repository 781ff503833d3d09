package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/term"
	"github.com/identity-shaping/isf/internal/watch"
)

type watchOptions struct {
	try     bool
	build   bool
	number  int
	maxCost string
}

// mostTried are the targets that one save tries; an edit of a document may touch
// all of them, and nobody reads more.
const mostTried = 3

func (a *app) watchCommand() *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use:   "watch [TARGET…]",
		Short: "At each save say what the edit would cost, try it, or build it",
		Long: `Wait for files of the project to be saved, and say each time what a build would
send and cost, and why. Pipelines may be edited too: each plan is made by the code
as it is then. Ctrl-C ends it.

With --try a few records are made and shown beside what they were. With --build
the targets are built; --max-cost bounds what each of these builds may spend.`,
		Example: `  isf watch
  isf watch behaviour --try -n 2
  isf watch behaviour --build --max-cost 0.50`,
		RunE: func(c *cobra.Command, args []string) error { return a.runWatch(c.Context(), args, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.try, "try", false, "make a few records of what is stale and show them beside what they were, as isf try does")
	f.IntVarP(&o.number, "number", "n", 3, "how many records --try makes of a target")
	f.BoolVar(&o.build, "build", false, "build the targets at each save; needs --max-cost")
	f.StringVar(&o.maxCost, "max-cost", "", "what a single --build or --try may cost, in USD")
	return c
}

func (o watchOptions) check() error {
	switch {
	case o.build && o.try:
		return engine.Usagef("--try and --build exclude each other: after a build there is nothing to try")
	case o.build && o.maxCost == "":
		return engine.Usagef("--build at each save needs a bound for what each build may cost: --max-cost USD")
	case o.number < 1:
		return engine.Usagef("-n %d: give a number of records above 0", o.number)
	}
	if o.maxCost == "" {
		return nil
	}
	if _, err := config.ParseUSD(o.maxCost); err != nil {
		return engine.Usagef("--max-cost: %w", err)
	}
	return nil
}

func (a *app) runWatch(ctx context.Context, targets []string, o watchOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	root, err := a.findRoot()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	files, err := watch.New(root, infos(a.out, a.err)...)
	if err != nil {
		return err
	}
	w := &watching{a: a, root: root, self: self, targets: targets, o: o, screen: screenOf(a.out)}
	fmt.Fprintf(a.out, "watching %s of %s; Ctrl-C ends it\n\n", count(files.Files(), "file"), safe(root))
	err = w.follow(ctx, files)
	if errors.Is(context.Cause(ctx), engine.ErrInterrupted) {
		return nil // that is how it ends, whatever it came in the middle of
	}
	return err
}

// follow shows what edits do until ctx ends.
func (w *watching) follow(ctx context.Context, files *watch.Watcher) error {
	if err := w.show(ctx, false); err != nil {
		return err
	}
	for {
		changed, err := files.Next(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.a.out, "\n%s %s\n", w.screen.Bold("── saved: "+safe(fewOf(changed))), w.screen.Dim(time.Now().Format("15:04:05")))
		if err := w.show(ctx, w.o.try); err != nil {
			return err
		}
	}
}

// infos are the files that output goes to, where it goes to files.
func infos(outs ...io.Writer) (found []fs.FileInfo) {
	for _, out := range outs {
		if f, ok := out.(*os.File); ok {
			if info, err := f.Stat(); err == nil {
				found = append(found, info)
			}
		}
	}
	return found
}

// fewOf names a few files of many.
func fewOf(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// A watching says what edits do. Each step is a process of its own, the command
// that a person would type: so that it is the code as it was saved that runs.
type watching struct {
	a       *app
	root    string
	self    string
	targets []string
	o       watchOptions
	screen  term.Screen
}

// show says what a build would send, and then tries or builds. What is wrong
// with an edit has been told by the command that found it.
func (w *watching) show(ctx context.Context, try bool) error {
	plan, err := w.plan(ctx)
	switch {
	case plan == nil && err != nil:
		return err
	case plan == nil:
		return nil
	}
	w.print(plan)
	switch {
	case w.o.build && plan.stale():
		return w.run(ctx, append([]string{"build", "--max-cost", w.o.maxCost, "-y"}, w.targets...)...)
	case try:
		return w.try(ctx, plan)
	}
	return nil
}

// plan asks what a build would do; nil where nothing can be said, and the
// command has told why. It fails, too, where only some targets cannot be built.
func (w *watching) plan(ctx context.Context) (*planReport, error) {
	var out bytes.Buffer
	cmd := w.command(ctx, append([]string{"plan", "--json"}, w.targets...)...)
	cmd.Stdout = &out
	err := cmd.Run()
	switch _, failed := errors.AsType[*exec.ExitError](err); {
	case failed && out.Len() == 0:
		return nil, nil
	case err != nil && !failed:
		return nil, err
	}
	r := new(planReport)
	return r, json.Unmarshal(out.Bytes(), r)
}

// print leaves out what is current, which an edit did not touch.
func (w *watching) print(r *planReport) {
	shown := *r
	shown.Targets = slices.DeleteFunc(slices.Clone(r.Targets), func(t targetPlan) bool { return t.State == graph.Current })
	shown.print(w.a.out)
	if same := len(r.Targets) - len(shown.Targets); same > 0 {
		fmt.Fprintln(w.a.out, w.screen.Dim(are(same, "target")+" current"))
	}
}

// stale reports whether a build has anything to do.
func (r *planReport) stale() bool {
	return slices.ContainsFunc(r.Targets, func(t targetPlan) bool { return t.State != graph.Current })
}

// try shows a few records of the targets that are stale themselves. What is made
// from a stale target waits for that to be built.
func (w *watching) try(ctx context.Context, r *planReport) error {
	names, err := w.triable(r)
	if err != nil {
		return nil // the next command says what is wrong with the project
	}
	for _, name := range names[:min(len(names), mostTried)] {
		fmt.Fprintln(w.a.out)
		args := []string{"try", name, "-n", strconv.Itoa(w.o.number)}
		if w.o.maxCost != "" {
			args = append(args, "--max-cost", w.o.maxCost)
		}
		if err := w.run(ctx, args...); err != nil {
			return err
		}
	}
	if more := len(names) - mostTried; more > 0 {
		fmt.Fprintf(w.a.out, "%s more stale; name the one you work on: isf watch TARGET --try\n", are(more, "target"))
	}
	return nil
}

func (w *watching) triable(r *planReport) ([]string, error) {
	p, err := w.a.open(nil)
	if err != nil {
		return nil, err
	}
	defer p.close()
	state := map[string]graph.State{}
	for _, t := range r.Targets {
		state[t.Name] = t.State
	}
	var names []string
	for _, t := range r.Targets {
		target := p.Graph.Target(t.Name)
		if target == nil || target.Pipeline == "" || (t.State != graph.Stale && t.State != graph.Failed) {
			continue
		}
		waits := slices.ContainsFunc(p.Graph.Direct(target), func(n *graph.Target) bool {
			return n.Pipeline != "" && state[n.Name] != graph.Current
		})
		if !waits {
			names = append(names, t.Name)
		}
	}
	return names, nil
}

// run runs a command and shows what it says. That it failed is not ours to
// report: it has.
func (w *watching) run(ctx context.Context, args ...string) error {
	cmd := w.command(ctx, args...)
	cmd.Stdout = w.a.out
	err := cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return nil
	}
	return err
}

// command is another isf in this project. At the first Ctrl-C it lets requests in
// flight finish, as ever; on a terminal it gets that signal by itself.
func (w *watching) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append([]string{"--project", w.root}, args...)
	if w.a.stock {
		args = append(args, "--stock")
	}
	cmd := exec.CommandContext(ctx, w.self, args...)
	cmd.Args[0] = os.Args[0]
	cmd.Stderr = w.a.err
	cmd.Cancel = func() error {
		if runtime.GOOS == "windows" || term.ScreenOf(os.Stdin).Terminal {
			return nil
		}
		return cmd.Process.Signal(os.Interrupt)
	}
	return cmd
}
