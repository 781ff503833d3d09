package dispatch

import (
	"context"
	"net"
	"net/http"
	"time"
)

// newTransport is tuned for many slow requests to few hosts. Go's default keeps two idle connections
// per host, so that fifty workers would open a new one for nearly every request.
func newTransport(workers int) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dial,
		TLSHandshakeTimeout: 15 * time.Second,
		ForceAttemptHTTP2:   true,
		// Pings find a connection that died in silence before a request's own time-out does.
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConns:        0, // no bound beside the one per host
		MaxIdleConnsPerHost: workers,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,     // replies are small, and are kept as they came
		WriteBufferSize:     16 << 10, // most requests leave in one write
	}
}

// DefaultConnectTimeout is for a connection to be made: a packet that was lost is sent again within seconds.
const DefaultConnectTimeout = 15 * time.Second

type connectKey struct{}

// withConnectTimeout says how long a connection may take that is made for a request.
func withConnectTimeout(ctx context.Context, d *time.Duration) context.Context {
	return context.WithValue(ctx, connectKey{}, d)
}

func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAlive: 30 * time.Second}
	if d, ok := ctx.Value(connectKey{}).(*time.Duration); ok {
		dialer.Timeout = *d
	}
	return dialer.DialContext(ctx, network, addr)
}
