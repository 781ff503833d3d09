// Package view serves a project as pages for a person's own browser: the graph,
// the rows of its targets, how each came about, and the build that runs.
//
// A Studio is what the pages show: the project as it was last opened, what its
// targets were found to be, and an index of the rows that somebody looks at. The
// project is opened anew when its files change, so that a page never shows an
// isf.yaml that was.
//
// What always holds: pages are for who has the token, on this machine, by the
// names of this machine; text of models is text, in every place; nothing is
// fetched from elsewhere, and no script or style runs that is not embedded here.
// Nothing on disk changes unless Options.Write is set, and then only by the
// decisions, reviews and controls that the commands of isf have too.
package view

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/identity-shaping/isf/graph"
	"github.com/identity-shaping/isf/internal/engine"
)

// Options say what is shown, and to whom.
type Options struct {
	Root string
	// Open opens the project as it is now. What it opened before is closed.
	Open func() (*Workspace, error)
	// Rows is where the rows of a target are, and its error rows, on disk.
	Rows func(w *Workspace, t *graph.Target) (rows, errors string, err error)

	// Code is the digest of the project's own code as it is now, "" where it has
	// none. What these pages plan is planned with the code of this process, so they
	// say when it is another. May be nil.
	Code  func() (string, error)
	Built string // the digest that this process was built from; "" for that of now
	// Renew compiles the project's own code as it is now. Without an error there is
	// a newer isf than this one, which can show these pages. May be nil.
	Renew func(ctx context.Context) error

	Write bool   // decisions and reviews may be made
	Token string // "" for a random one
}

// A Workspace is an opened project and the reader that hashes its files.
type Workspace struct {
	*engine.Project
	Reader *graph.Reader
	Close  func()
}

// ErrRenewed says that the project's code has changed and is compiled: an isf of
// it can show the pages from now on, and is to be given their address and token.
var ErrRenewed = errors.New("the project's code has changed")

// Serve shows pages on addr until ctx ends, or until there is a newer isf to show
// them, which is ErrRenewed. ready is called once with the address to open, which
// holds the token. All requests have ended when Serve returns, or three seconds
// are over.
func Serve(ctx context.Context, addr string, o Options, ready func(url string)) error {
	if err := loopback(addr); err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("isf view cannot listen on %s: %w; --addr 127.0.0.1:0 takes a free port", addr, err)
	}
	s, err := New(o)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	port := ln.Addr().(*net.TCPAddr).Port
	srv := &http.Server{
		Handler:           s.Handler(port),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends streams with ctx
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	if ready != nil {
		ready(fmt.Sprintf("http://%s/?token=%s", ln.Addr(), s.token))
	}
	why := error(nil)
	select {
	case err = <-done:
		return errors.Join(err, srv.Close())
	case <-s.renewed:
		why = ErrRenewed
	case <-ctx.Done():
	}
	cancel()
	// Streams end with ctx, so this waits for pages that are being made only.
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer stop()
	if srv.Shutdown(last) != nil {
		_ = srv.Close()
	}
	if err = <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return why
}
