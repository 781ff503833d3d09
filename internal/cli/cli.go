// Package cli is the command line of isf: one file for each command.
//
// A command reads its flags, calls the engine, and prints. What programs may
// rely on goes to standard output (with --json as JSON); progress and log
// lines go to standard error. Everything a model, a provider or a file said
// passes term.Safe on its way to the terminal.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/dispatch"
	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/config"
	"github.com/identity-shaping/isf/internal/engine"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotCurrent  = 3
	exitInterrupted = 130
)

// errNotCurrent makes `status --exit-code` exit with 3. It has been told
// already.
var errNotCurrent = errors.New("not current")

// errTold fails a command whose output has said why.
var errTold = errors.New("told already")

// An app is one run of isf.
type app struct {
	pipelines []*engine.Pipeline
	out, err  io.Writer
	dir       string   // --project
	overlays  []string // --config
	stock     bool     // --stock
	broken    error    // why the project's code could not be built
	args      []string // the command line
}

// Main runs isf with these arguments and returns its exit code.
func Main(args []string, pipelines []*engine.Pipeline) int {
	a := &app{pipelines: pipelines, out: os.Stdout, err: os.Stderr}
	tuneMemory()
	ctx, stop := interruptible(context.Background())
	defer stop()
	err := a.root(args).ExecuteContext(ctx)
	code := a.exit(err)
	a.tellBroken(err)
	return code
}

// interruptible returns a context that the first Ctrl-C, SIGTERM or closed
// terminal ends. The second ends the process. Under nohup a closed terminal ends
// nothing.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		cancel(engine.ErrInterrupted)
		if _, ok := <-signals; ok {
			os.Exit(exitInterrupted)
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}

// Commands are the commands of isf, for manuals and for tests of them.
func Commands() *cobra.Command { return (&app{out: io.Discard, err: io.Discard}).root(nil) }

func (a *app) exit(err error) int {
	var usage *engine.UsageError
	var code exitCode
	var over *dispatch.Over
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errNotCurrent):
		return exitNotCurrent
	case errors.Is(err, errTold):
		return exitFailed
	case errors.Is(err, engine.ErrInterrupted):
		fmt.Fprintln(a.err, "isf: interrupted; what was answered is kept, and the same command goes on from there")
		return exitInterrupted
	}
	if errors.As(err, &over) {
		fmt.Fprintln(a.err, "isf:", spentSentence(over))
		return exitFailed
	}
	fmt.Fprintln(a.err, "isf:", safe(strings.TrimRight(err.Error(), "\n")))
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		return exitUsage
	}
	return exitFailed
}

// An exitCode is the exit code of a process that did the work in our place, or
// of somebody who changed their mind, which needs no words.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

func (a *app) root(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:           "isf",
		Short:         "make for datasets: builds training data and asks a model only what it was never asked",
		Long:          about,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			switch {
			case completes(c):
				return a.recall(args)
			case needsProject(c):
				return a.fresh(c.Context(), args, c.Annotations["older"] == "")
			}
			return nil
		},
	}
	root.SetArgs(args)
	a.args = args
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.Version, _ = built()
	root.SetVersionTemplate("isf {{.Version}}\n")
	root.SetFlagErrorFunc(misused)
	root.PersistentFlags().StringVarP(&a.dir, "project", "p", ".", "the project's folder, or one below it")
	root.PersistentFlags().StringArrayVar(&a.overlays, "config", nil, "a file laid over isf.yaml, such as isf.local.yaml; relative to the project (repeatable)")
	root.PersistentFlags().BoolVar(&a.stock, "stock", false, "do not build or run the project's own code")
	root.AddCommand(a.initCommand(), a.newCommand(), a.doctorCommand(), a.trainCommand(), a.exportCommand(), a.versionCommand())
	root.AddCommand(a.buildCommand(), a.watchCommand(), a.statusCommand(), a.planCommand(), a.tryCommand(), a.whyCommand(), a.diffCommand(), a.graphCommand(), a.showCommand(), a.rerollCommand(), a.pinCommand(), a.unpinCommand(),
		a.pipelineCommand(), a.registryCommand(), a.simCommand())
	root.AddCommand(a.keepCommand(), a.lintCommand())
	root.AddCommand(a.sampleCommand(), a.checkCommand(), a.reviewCommand())
	root.AddCommand(a.cacheCommand(), a.logCommand())
	root.AddCommand(a.modelsCommand(), a.queryCommand(), a.ctlCommand(), a.viewCommand(), a.promptCommand())
	for _, c := range root.Commands() {
		wrapArgs(c)
		a.complete(c)
	}
	return root
}

// wrapArgs makes a wrong number of arguments a mistake in usage, everywhere.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return misused(c, err)
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// A workspace is an opened project and the reader that hashes its files.
type workspace struct {
	*engine.Project
	reader *graph.Reader
}

// open finds the project and loads it.
func (a *app) open(sets []string) (*workspace, error) {
	root, err := a.findRoot()
	if err != nil {
		return nil, err
	}
	if err := config.LoadEnv(root); err != nil {
		return nil, err
	}
	p, err := engine.Open(root, a.pipelines, sets, a.overlays...)
	if err != nil && a.broken != nil { // what is wrong with pipelines of before may be mended in the code that does not compile
		p, err = engine.Open(root, nil, sets, a.overlays...)
	}
	if err != nil {
		return nil, err
	}
	p.Broken(a.broken)
	r, err := graph.NewReader(root, filepath.Join(engine.StateDir, "stat"))
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &workspace{p, r}, nil
}

// in opens the project for as long as do takes.
func (a *app) in(sets []string, do func(*workspace) error) error {
	w, err := a.open(sets)
	if err != nil {
		return err
	}
	defer w.close()
	return do(w)
}

// on opens the project for as long as do takes with the one dataset or table of
// that name.
func (a *app) on(name string, sets []string, do func(*workspace, *graph.Target) error) error {
	return a.in(sets, func(w *workspace) error {
		t, err := w.oneDataset(name)
		if err != nil {
			return err
		}
		return do(w, t)
	})
}

func (w *workspace) close() {
	_ = w.reader.Save() // best effort: it makes the next command fast
	_ = w.reader.Close()
	_ = w.Close()
}
