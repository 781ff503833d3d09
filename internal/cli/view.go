package cli

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/launch"
	"github.com/identity-shaping/isf/internal/view"
)

type viewOptions struct {
	addr          string
	noOpen, write bool
}

func (a *app) viewCommand() *cobra.Command {
	var o viewOptions
	c := &cobra.Command{
		Use:   "view",
		Short: "Look at the project in a browser: graph, rows, how each was made, builds",
		Long: `Show the project as pages in your browser, for you alone: the address holds a
random token, and the server answers this machine only. Pages follow edits and
running builds. Nothing on disk changes, unless --write lets you reroll, pin,
edit and review rows there; what models said is shown as text, and nothing is
fetched from anywhere.

On every page j and k move, Enter opens, / searches. Ctrl-C ends it.`,
		Example: `  isf view
  isf view --write                      # reroll, pin, edit and review in the page
  isf view --addr 127.0.0.1:0 --no-open # print the address, and take a free port`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.runView(c.Context(), o) },
	}
	c.Flags().StringVar(&o.addr, "addr", "127.0.0.1:8807", "address to listen on; port 0 takes a free one")
	c.Flags().BoolVar(&o.noOpen, "no-open", false, "do not open the browser")
	c.Flags().BoolVar(&o.write, "write", false, "let the pages make decisions and reviews, and steer builds")
	return c
}

func (a *app) runView(ctx context.Context, o viewOptions) error {
	root, err := a.findRoot()
	if err != nil {
		return err
	}
	return view.Serve(ctx, o.addr, view.Options{Root: root, Write: o.write, Open: a.openForView, Rows: rowsForView, Code: a.codeOf(root)}, func(url string) {
		fmt.Fprintln(a.out, url)
		if !o.noOpen {
			openBrowser(ctx, url)
		}
	})
}

// codeOf tells of the project's own code, nil where none of it runs here.
func (a *app) codeOf(root string) func() (string, error) {
	if a.stock {
		return nil
	}
	return func() (string, error) { return launch.Digest(root) }
}

func (a *app) openForView() (*view.Workspace, error) {
	w, err := a.open(nil)
	if err != nil {
		return nil, err
	}
	return &view.Workspace{Project: w.Project, Reader: w.reader, Close: w.close}, nil
}

func rowsForView(w *view.Workspace, t *graph.Target) (rows, errors string, err error) {
	s, err := (&workspace{w.Project, w.Reader}).source(t)
	if path.Ext(t.Output) == ".parquet" {
		return "", "", fmt.Errorf("%s is a Parquet file, whose rows are not shown here: `isf sample %s` shows them", t.Name, t.Name)
	}
	if !isFile(s.errors) {
		s.errors = s.failed
	}
	return s.path, s.errors, err
}

// openBrowser tries to. Without one the address has been printed.
func openBrowser(ctx context.Context, url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	c := exec.CommandContext(ctx, name, args...)
	if c.Start() == nil {
		go func() { _ = c.Wait() }()
	}
}
