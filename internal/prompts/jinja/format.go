package jinja

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// A spec is a format specification of str.format, as %-formatting has too.
type spec struct {
	fill      string
	align     byte // < > = ^, 0 if not given
	sign      byte // + - or space
	alternate bool
	grouping  byte // , or _
	width     int
	precision int // -1 if not given
	verb      byte
}

var specRE = regexp.MustCompile(`(?s)\A(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?\z`)

func (r *render) parseSpec(text string) spec {
	m := specRE.FindStringSubmatch(text)
	if m == nil {
		r.fail("ValueError", "invalid format specifier %s", quote(text))
	}
	s := spec{fill: " ", precision: -1, alternate: m[5] != ""}
	if m[1] != "" {
		s.fill = m[1]
	}
	if m[2] != "" {
		s.align = m[2][0]
	}
	if m[3] != "" {
		s.sign = m[3][0]
	}
	if m[6] != "" && m[1] == "" {
		s.fill = "0"
		if s.align == 0 {
			s.align = '='
		}
	}
	s.width = r.small(m[7])
	if m[8] != "" {
		s.grouping = m[8][0]
	}
	if m[9] != "" {
		s.precision = r.small(m[9])
	}
	if m[10] != "" {
		s.verb = m[10][0]
	}
	return s
}

// small reads the digits of a width or precision.
func (r *render) small(digits string) int {
	if digits == "" {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxWidth {
		r.fail("ValueError", "the width or precision %s is too large", digits)
	}
	return n
}

// format is Python's format(v, spec).
func (r *render) format(v any, text string) string {
	if text == "" {
		return str(v)
	}
	s := r.parseSpec(text)
	switch v := v.(type) {
	case string:
		return r.formatText(v, s)
	case Markup:
		return r.formatText(string(v), s)
	case bool:
		if s.verb == 0 {
			return r.formatNumber(asBig(v), s)
		}
		return r.formatNumber(v, s)
	case int64, *big.Int, float64:
		return r.formatNumber(v, s)
	}
	r.wrongType(v, "unsupported format string passed to %s.__format__", typeName(v))
	return ""
}

func (r *render) formatText(text string, s spec) string {
	if s.verb != 0 && s.verb != 's' {
		r.fail("ValueError", "Unknown format code '%c' for object of type 'str'", s.verb)
	}
	switch {
	case s.grouping != 0:
		r.fail("ValueError", "Cannot specify '%c' with 's'.", s.grouping)
	case s.sign != 0:
		r.fail("ValueError", "Sign not allowed in string format specifier")
	case s.alternate:
		r.fail("ValueError", "Alternate form (#) not allowed in string format specifier")
	}
	if s.align == '=' {
		if s.fill != "0" {
			r.fail("ValueError", "'=' alignment not allowed in string format specifier")
		}
		s.align = '<'
	}
	if s.precision >= 0 {
		if runes := []rune(text); len(runes) > s.precision {
			text = string(runes[:s.precision])
		}
	}
	return align(text, "", s, '<')
}

// align fills up to the width. sign stays in front of the fill of '='.
func align(text, sign string, s spec, otherwise byte) string {
	how := s.align
	if how == 0 {
		how = otherwise
	}
	switch how {
	case '=':
		return sign + pad(text, s.width-len(sign), s.fill, padLeft)
	case '>':
		return pad(sign+text, s.width, s.fill, padLeft)
	case '^':
		return pad(sign+text, s.width, s.fill, func(missing, _ int) int { return missing / 2 })
	}
	return pad(sign+text, s.width, s.fill, padRight)
}

func (r *render) formatNumber(v any, s spec) string {
	_, isFloat := v.(float64)
	if isFloat && strings.IndexByte("bcdosxX", s.verb) >= 0 {
		r.fail("ValueError", "Unknown format code '%c' for object of type 'float'", s.verb)
	}
	if isFloat || strings.IndexByte("eEfFgG%", s.verb) >= 0 && s.verb != 0 {
		return formatFloat(asFloat(v), s)
	}
	return r.formatInt(asBig(v), s)
}

func (r *render) formatInt(i *big.Int, s spec) string {
	digits := new(big.Int).Abs(i)
	prefix, text, group := "", "", 3
	switch s.verb {
	case 0, 'd', 'n':
		text = digits.String()
	case 'b':
		prefix, text, group = "0b", digits.Text(2), 4
	case 'o':
		prefix, text, group = "0o", digits.Text(8), 4
	case 'x':
		prefix, text, group = "0x", digits.Text(16), 4
	case 'X':
		prefix, text, group = "0X", strings.ToUpper(digits.Text(16)), 4
	case 'c':
		return align(string(rune(i.Int64())), "", s, '<')
	default:
		r.fail("ValueError", "Unknown format code '%c' for object of type 'int'", s.verb)
	}
	if s.grouping == ',' && strings.IndexByte("boxXn", s.verb) >= 0 && s.verb != 0 {
		r.fail("ValueError", "Cannot specify ',' with '%c'.", s.verb)
	}
	if s.precision >= 0 {
		r.fail("ValueError", "Precision not allowed in integer format specifier")
	}
	sign := signText(i.Sign() < 0, s)
	if s.alternate {
		sign += prefix
	}
	return align(grouped(text, s, group, len(sign)), sign, s, '>')
}

func signText(negative bool, s spec) string {
	if negative {
		return "-"
	}
	if s.sign == '+' || s.sign == ' ' {
		return string(s.sign)
	}
	return ""
}

// grouped puts separators into digits; zeros that fill the width get them too.
func grouped(digits string, s spec, every, taken int) string {
	if s.grouping == 0 {
		return digits
	}
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".e"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	split := func(d string) string {
		var b strings.Builder
		for i, c := range d {
			if i > 0 && (len(d)-i)%every == 0 {
				b.WriteByte(s.grouping)
			}
			b.WriteRune(c)
		}
		return b.String()
	}
	out := split(whole)
	if s.fill == "0" && s.align == '=' {
		for len(out)+len(rest)+taken < s.width {
			whole = "0" + whole
			out = split(whole)
		}
	}
	return out + rest
}

func formatFloat(f float64, s spec) string {
	sign := signText(f < 0 || f == 0 && 1/f < 0, s)
	if f < 0 || f == 0 {
		f = -f
		if f == 0 {
			f = 0
		}
	}
	return align(grouped(floatDigits(f, s), s, 3, len(sign)), sign, s, '>')
}

// floatDigits writes f, which is not negative, by the verb of s.
func floatDigits(f float64, s spec) string {
	if text := floatText(f); text == "inf" || text == "nan" {
		if strings.IndexByte("EFG", s.verb) >= 0 {
			return strings.ToUpper(text)
		}
		return text
	}
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	switch s.verb {
	case 'f', 'F':
		return strconv.FormatFloat(f, 'f', precision, 64)
	case 'e', 'E':
		return strconv.FormatFloat(f, s.verb, precision, 64)
	case '%':
		return strconv.FormatFloat(f*100, 'f', precision, 64) + "%"
	case 'g', 'G', 'n':
		return general(f, precision, s)
	}
	if s.precision < 0 {
		return floatText(f)
	}
	return generalFloat(f, precision, s)
}

// general is C's %g: precision counts digits, and zeros at the end go.
func general(f float64, precision int, s spec) string {
	precision = max(precision, 1)
	text := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	x, _ := strconv.Atoi(exponent)
	if x >= -4 && x < precision {
		text = strconv.FormatFloat(f, 'f', precision-1-x, 64)
		if !s.alternate {
			text = trimZeros(text)
		}
		return text
	}
	if !s.alternate {
		mantissa = trimZeros(mantissa)
	}
	if s.verb == 'G' {
		return mantissa + "E" + exponent
	}
	return mantissa + "e" + exponent
}

// generalFloat is a precision without a verb: like %g, with one digit at least
// behind the point.
func generalFloat(f float64, precision int, s spec) string {
	precision = max(precision, 1)
	text := strconv.FormatFloat(f, 'e', precision-1, 64)
	_, exponent, _ := strings.Cut(text, "e")
	x, _ := strconv.Atoi(exponent)
	if x >= -4 && x < precision-1 || x == 0 && precision == 1 {
		text = general(f, precision, s)
		if !strings.Contains(text, ".") && precision > 1 {
			text += ".0"
		}
		return text
	}
	return general(f, min(precision, max(x, 1)), s)
}

func trimZeros(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
