package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve answers on addr until ctx ends, then returns nil. It listens on
// loopback only, since it asks nobody who they are. When ready is set it is
// called once with the address, which a port of 0 leaves open until then.
func Serve(ctx context.Context, addr string, o Options, ready func(addr net.Addr)) error {
	if err := loopback(addr); err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("the simulated model cannot listen on %s: %w", addr, err)
	}
	srv := &http.Server{
		Handler:           localOnly(New(o)),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // ends waits and hangs with ctx
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	if ready != nil {
		ready(ln.Addr())
	}
	select {
	case err = <-done:
	case <-ctx.Done():
		srv.Close()
		err = <-done
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// loopback returns an error unless addr names this machine only.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not an address; write host:port, such as 127.0.0.1:8080", addr)
	}
	if !isLocal(host) {
		return fmt.Errorf("the simulated model listens on this machine only; write 127.0.0.1 instead of %q", host)
	}
	return nil
}

func isLocal(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
