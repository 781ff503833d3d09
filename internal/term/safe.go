package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe is s with every character made visible that could do something to a
// terminal or to the order of the text: controls, escapes, bidi marks, invisible
// ones, and bytes that are not UTF-8. Newlines and tabs stay.
func Safe(s string) string { return visible(s, "\n\t") }

// SafeLine is Safe for what must stay on one line: newlines and tabs are made
// visible as well.
func SafeLine(s string) string { return visible(s, "") }

func visible(s, keep string) string {
	if clean(s, keep) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !acts(r) || strings.ContainsRune(keep, r):
			b.WriteString(s[i : i+n])
		default:
			b.WriteString(escape(r))
		}
		i += n
	}
	return b.String()
}

func clean(s, keep string) bool {
	for i, r := range s {
		if (acts(r) && !strings.ContainsRune(keep, r)) || (r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError))) {
			return false
		}
	}
	return true
}

// acts reports whether r does something other than to show a character.
func acts(r rune) bool {
	switch {
	case r >= ' ' && r < 0x7f:
		return false
	case r == 0x200c, r == 0x200d: // joiners: Persian words and family emoji need them
		return false
	case r >= 0xe0000 && r <= 0xe007f: // tags, which spell hidden text
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
