package sim

import "strings"

// mentions reports whether the prompt speaks of <tag>.
func mentions(s, tag string) bool {
	return strings.Contains(s, "<"+tag+">") || strings.Contains(s, "<"+tag+"/>")
}

// element returns the text of the last <tag …>…</tag> that holds any, since a
// prompt explains its tags before it uses them.
func element(s, tag string) (string, bool) {
	for {
		end := strings.LastIndex(s, "</"+tag+">")
		if end < 0 {
			return "", false
		}
		start := opening(s[:end], tag)
		if start < 0 {
			return "", false
		}
		if text := strings.TrimSpace(s[start:end]); strings.Trim(text, ". …") != "" {
			return text, true
		}
		s = s[:start]
	}
}

// opening is where the text after the last <tag …> of s begins, or -1.
func opening(s, tag string) int {
	for at := len(s); ; {
		at = strings.LastIndex(s[:at], "<"+tag)
		if at < 0 {
			return -1
		}
		rest := s[at+1+len(tag):]
		if end := strings.IndexByte(rest, '>'); end == 0 || (end > 0 && rest[0] == ' ') {
			return at + 1 + len(tag) + end + 1
		}
	}
}

// attributes lists the values of attr over all <tag attr="…"> of s, in order.
func attributes(s, tag, attr string) []string {
	var out []string
	start := "<" + tag + " " + attr + `="`
	for {
		_, rest, found := strings.Cut(s, start)
		if !found {
			return out
		}
		value, after, found := strings.Cut(rest, `"`)
		if !found {
			return out
		}
		if strings.Trim(value, ". …") != "" && !strings.ContainsAny(value, "{}<>") {
			out = append(out, value)
		}
		s = after
	}
}

// outside is s without its tags; what they enclose stays.
func outside(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, after, closed := strings.Cut(rest, ">")
		if !closed {
			b.WriteString("<" + rest)
			return b.String()
		}
		s = after
	}
}
