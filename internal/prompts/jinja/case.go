package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// upper is Python's str.upper: one character may become several (ß → SS).
func upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

// titled is the title case of a first letter.
func titled(first string) string {
	if isASCII(first) {
		return strings.ToUpper(first)
	}
	return cases.Title(language.Und, cases.NoLower).String(first)
}

func capitalize(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return titled(s[:n]) + lower(s[n:])
}

func cased(c rune) bool { return unicode.IsUpper(c) || unicode.IsLower(c) || unicode.IsTitle(c) }

// title is str.title: each run of letters begins upper case.
func title(s string) string {
	var b strings.Builder
	inside := false
	for _, c := range s {
		if inside {
			b.WriteString(lower(string(c)))
		} else {
			b.WriteString(titled(string(c)))
		}
		inside = cased(c)
	}
	return b.String()
}

func swapCase(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case unicode.IsUpper(c):
			b.WriteString(lower(string(c)))
		case unicode.IsLower(c):
			b.WriteString(upper(string(c)))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// isCase: some character is want, and none is other or title case.
func isCase(s string, want, other func(rune) bool) bool {
	some := false
	for _, c := range s {
		if other(c) || unicode.IsTitle(c) {
			return false
		}
		some = some || want(c)
	}
	return some
}

// isTitle is str.istitle.
func isTitle(s string) bool {
	some, inside := false, false
	for _, c := range s {
		up := unicode.IsUpper(c) || unicode.IsTitle(c)
		if up && inside || unicode.IsLower(c) && !inside {
			return false
		}
		inside = cased(c)
		some = some || inside
	}
	return some
}

// all: s has characters, and each is want.
func all(s string, want func(rune) bool) bool {
	for _, c := range s {
		if !want(c) {
			return false
		}
	}
	return s != ""
}

func isAlnum(c rune) bool { return unicode.IsLetter(c) || unicode.In(c, unicode.N) }

func isIdentifier(s string) bool {
	for i, c := range s {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.In(c, unicode.Nd, unicode.M)) {
			return false
		}
	}
	return s != ""
}
