package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

func filterAbs(r *render, a []any) any {
	switch v := a[0].(type) {
	case float64:
		return math.Abs(v)
	case bool, int64, *big.Int:
		return fromBig(new(big.Int).Abs(asBig(v)))
	}
	r.wrongType(a[0], "bad operand type for abs(): '%s'", typeName(a[0]))
	return nil
}

func filterInt(r *render, a []any) any {
	r.defined(a[0])
	if s, ok := text(a[0]); ok {
		if i, ok := parseInt(s, r.integer(a[2])); ok {
			return fromBig(i)
		}
	}
	switch v := a[0].(type) {
	case bool, int64, *big.Int:
		return fromBig(asBig(v))
	case *List, *Tuple, *Dict, nil:
		return a[1]
	}
	f, ok := parseFloat(a[0])
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		return a[1]
	}
	i, _ := big.NewFloat(f).Int(nil)
	return fromBig(i)
}

// parseInt is Python's int(s, base).
func parseInt(s string, base int) (*big.Int, bool) {
	s = strings.TrimFunc(s, isSpace)
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return nil, false
	}
	for prefix, b := range map[string]int{"0x": 16, "0o": 8, "0b": 2} {
		if b == base && strings.HasPrefix(strings.ToLower(digits), prefix) {
			digits = strings.TrimPrefix(digits[2:], "_")
		}
	}
	if base == 0 {
		i, ok := new(big.Int).SetString(s, 0)
		return i, ok
	}
	if base < 2 || base > 36 {
		return nil, false
	}
	i, ok := new(big.Int).SetString(strings.ReplaceAll(asciiDigits(digits), "_", ""), base)
	if ok && strings.HasPrefix(s, "-") {
		i.Neg(i)
	}
	return i, ok
}

// asciiDigits writes the decimal digits of other scripts as 0 to 9.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c >= 0x80 && unicode.IsDigit(c) {
			zero := c
			for unicode.IsDigit(zero-1) && c-zero < 9 {
				zero--
			}
			return '0' + c - zero
		}
		return c
	}, s)
}

func filterFloat(r *render, a []any) any {
	r.defined(a[0])
	if f, ok := parseFloat(a[0]); ok {
		return f
	}
	return a[1]
}

// parseFloat is Python's float(v).
func parseFloat(v any) (float64, bool) {
	if isNumber(v) {
		return asFloat(v), true
	}
	s, ok := text(v)
	s = strings.TrimFunc(asciiDigits(s), isSpace)
	bare := strings.TrimLeft(strings.ToLower(s), "+-")
	if !ok || strings.HasPrefix(bare, "0x") || strings.Contains(s, "__") || strings.HasPrefix(bare, "_") || strings.HasSuffix(s, "_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil || math.IsInf(f, 0) && strings.ContainsAny(bare, "0123456789")
}

func filterRound(r *render, a []any) any {
	method := str(a[2])
	if method != "common" && method != "ceil" && method != "floor" {
		r.fail("FilterArgumentError", "method must be common, ceil or floor")
	}
	if method != "common" {
		r.defined(a[0])
	}
	if !isNumber(a[0]) {
		r.wrongType(a[0], "type %s doesn't define __round__ method", typeName(a[0]))
	}
	n := r.integer(a[1])
	if method == "common" {
		return round(a[0], n)
	}
	scale := r.operate("**", int64(10), int64(n))
	f := asFloat(r.operate("*", a[0], scale))
	if method == "ceil" {
		f = math.Ceil(f)
	} else {
		f = math.Floor(f)
	}
	i, _ := big.NewFloat(f).Int(nil)
	return r.operate("/", fromBig(i), scale)
}

// round is Python's round(v, n): exact halves go to the even digit.
func round(v any, n int) any {
	f, ok := v.(float64)
	if !ok {
		if n >= 0 {
			return fromBig(asBig(v))
		}
		return roundInt(asBig(v), -n)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) || n > 323 {
		return f
	}
	if n < -308 {
		return math.Copysign(0, f)
	}
	if n >= 0 {
		out, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', n, 64), 64)
		return out
	}
	scale := math.Pow(10, float64(-n))
	return math.RoundToEven(f/scale) * scale
}

// roundInt rounds to a multiple of 10**n.
func roundInt(i *big.Int, n int) any {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	q, m := new(big.Int).DivMod(i, scale, new(big.Int))
	twice := new(big.Int).Lsh(m, 1).Cmp(scale)
	if twice > 0 || twice == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return fromBig(q.Mul(q, scale))
}

func filterFileSize(r *render, a []any) any {
	bytes, ok := parseFloat(a[0])
	if !ok {
		r.fail("ValueError", "could not convert to float: %s", repr(a[0]))
	}
	base, infix := 1000.0, ""
	if truth(a[1]) {
		base, infix = 1024, "i"
	}
	if bytes == 1 {
		return "1 Byte"
	}
	if bytes < base {
		return fmt.Sprintf("%d Bytes", int64(bytes))
	}
	unit := base * base
	letters := "kMGTPEZY"
	if infix != "" {
		letters = "KMGTPEZY"
	}
	for i, letter := range letters {
		if bytes < unit || i == len(letters)-1 {
			return fmt.Sprintf("%s %c%sB", strconv.FormatFloat(base*bytes/unit, 'f', 1, 64), letter, infix)
		}
		unit *= base
	}
	return nil
}
