package jsontext

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// escapeSize is the length of the escape that s begins with, 0 if it is none.
func escapeSize(s string) int {
	if len(s) >= 2 && strings.IndexByte(`"\/bfnrt`, s[1]) >= 0 {
		return 2
	}
	if hexRune(s) >= 0 {
		return 6
	}
	return 0
}

// hexRune reads \uXXXX at the beginning of s, -1 if there is none.
func hexRune(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// unquote resolves escapes in what quoted found to be in order. Halves of surrogate pairs and what
// is not UTF-8 become U+FFFD.
func unquote(raw string) string {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\\' && raw[i+1] == 'u':
			r := hexRune(raw[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				if pair := utf16.DecodeRune(r, hexRune(raw[i:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
		case c == '\\':
			b = append(b, unescaped[raw[i+1]])
			i += 2
		case c < utf8.RuneSelf:
			end := Plain(raw, i)
			end = max(end, i+1)
			b = append(b, raw[i:end]...)
			i = end
		default:
			r, n := utf8.DecodeRuneInString(raw[i:])
			b = utf8.AppendRune(b, r)
			i += n
		}
	}
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has b
}

var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
