package dispatch

import (
	"bytes"
	"strings"
)

const (
	redacted = "[redacted]"
	// minSecret keeps stand-ins such as "x" or "EMPTY", which local servers are given, from being
	// cut out of honest text. Keys of providers have 32 characters and more.
	minSecret = 12
)

// redact takes secrets out of what a server or the network said, before anything else sees it:
// some servers repeat the key in their error messages.
func redact(b []byte, secrets []string) []byte {
	for _, s := range secrets {
		if len(s) >= minSecret && bytes.Contains(b, []byte(s)) {
			b = bytes.ReplaceAll(b, []byte(s), []byte(redacted))
		}
	}
	return b
}

func redactString(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, redacted)
		}
	}
	return text
}
