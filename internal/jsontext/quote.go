// Package jsontext reads and writes JSON fast: long prompts are most of
// what is hashed, sent and written, and encoding/json looks at each byte of them
// several times.
package jsontext

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD, as in encoding/json;
// <, > and & stay as they are.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := Plain(s, 0); i < len(s); i = Plain(s, i) {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		b = appendEscape(append(b, s[from:i]...), c)
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// Plain is the index of the first byte of s at or after i that cannot be copied as it is: a control
// character, a quote, a backslash, or one that is not ASCII. It looks at eight bytes at a time,
// which makes escaping a long prompt about as cheap as copying it.
func Plain(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// Each term has a byte's high bit where that byte is below a space, a quote or a backslash;
		// borrows can mark only bytes above one that is truly marked, so the lowest mark is right.
		marks := ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash | w) & highs
		if marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// StringSize is how long s becomes as a JSON string, but for rare control characters and broken UTF-8.
func StringSize(s string) int {
	return len(s) + 2 + strings.Count(s, "\n") + strings.Count(s, `"`) + strings.Count(s, `\`) +
		strings.Count(s, "\t") + strings.Count(s, "\r")
}
