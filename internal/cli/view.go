package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"

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
	p := viewed{root: root, token: os.Getenv(viewToken)}
	if err := os.Unsetenv(viewToken); err != nil {
		return err
	}
	for {
		err := view.Serve(ctx, cmp.Or(p.addr, o.addr), a.viewOptions(p, o.write), func(address string) {
			if p.token == "" {
				fmt.Fprintln(a.out, address)
				if !o.noOpen {
					openBrowser(ctx, address)
				}
			}
			p.remember(address)
		})
		if !errors.Is(err, view.ErrRenewed) {
			return err
		}
		if handled, code := a.renewView(ctx, p); handled {
			return exitCode(code)
		}
	}
}

// viewToken hands the token of pages that are open to the isf that goes on with
// them: the environment of a process is its owner's to read, and unlike arguments
// nobody else's.
const viewToken = "ISF_VIEW_TOKEN"

// viewed is where pages are shown, and the token that lets into them.
type viewed struct{ root, addr, token string }

func (p *viewed) remember(address string) {
	if u, err := url.Parse(address); err == nil {
		p.addr, p.token = u.Host, u.Query().Get("token")
	}
}

func (a *app) viewOptions(p viewed, write bool) view.Options {
	o := view.Options{Root: p.root, Write: write, Open: a.openForView, Rows: rowsForView, Code: a.codeOf(p.root), Token: p.token}
	if a.stock {
		return o
	}
	o.Built = launch.Sources
	o.Renew = func(ctx context.Context) error {
		if other, err := launch.Compile(ctx, p.root, a.err); other || err != nil {
			return err
		}
		return errors.New("press Ctrl-C in its terminal and start it again")
	}
	return o
}

// renewView goes on as the isf of the project's code as it is now, at the same
// address and with the same token. Where there is none after all, because the
// code has changed again, this one goes on, whose pages say so.
func (a *app) renewView(ctx context.Context, p viewed) (handled bool, code int) {
	if os.Setenv(viewToken, p.token) != nil {
		return false, 0
	}
	defer os.Unsetenv(viewToken)
	handled, code, _ = launch.Fresh(ctx, p.root, append(slices.Clone(a.args), "--addr", p.addr, "--no-open"), a.err, false)
	return handled, code
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
