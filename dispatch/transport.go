package dispatch

import (
	"net"
	"net/http"
	"time"
)

// newTransport is tuned for many slow requests to few hosts. Go's default keeps two idle connections
// per host, so that fifty workers would open a new one for nearly every request.
func newTransport(workers int) *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
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
