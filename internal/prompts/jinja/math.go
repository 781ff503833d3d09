package jinja

import (
	"math"
	"math/big"
	"strings"
)

// maxRepeat bounds what one multiplication of a string or list makes.
const maxRepeat = 1 << 28

// maxWidth bounds widths and precisions: no text is padded to more.
const maxWidth = 1 << 20

func isNumber(v any) bool {
	switch v.(type) {
	case bool, int64, *big.Int, float64:
		return true
	}
	return false
}

// asBig returns the int v is, nil for other types.
func asBig(v any) *big.Int {
	switch v := v.(type) {
	case bool:
		if v {
			return big.NewInt(1)
		}
		return new(big.Int)
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return v
	}
	return nil
}

// fromBig returns i as int64 where it fits.
func fromBig(i *big.Int) any {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

// asInt returns the int64 that v is.
func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func asFloat(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	}
	f, _ := new(big.Float).SetInt(asBig(v)).Float64()
	return f
}

// compareNumbers is exact, also between large ints and floats.
func compareNumbers(a, b any) int {
	x, xf := a.(float64)
	y, yf := b.(float64)
	switch {
	case !xf && !yf:
		return asBig(a).Cmp(asBig(b))
	case xf && yf:
		return compareFloats(x, y)
	case xf:
		return -compareBigFloat(asBig(b), x)
	}
	return compareBigFloat(asBig(a), y)
}

func compareFloats(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func compareBigFloat(i *big.Int, f float64) int {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return compareFloats(0, f)
	}
	return new(big.Float).SetPrec(0).SetInt(i).Cmp(big.NewFloat(f))
}

// operate is Python's a op b.
func (r *render) operate(op string, a, b any) any {
	if s, ok := a.(string); ok && op == "%" {
		return r.percent(s, b)
	}
	r.defined(a, b)
	if isNumber(a) && isNumber(b) {
		return r.calculate(op, a, b)
	}
	switch op {
	case "+":
		if v, ok := add(a, b); ok {
			return v
		}
		if _, ok := text(a); ok {
			r.fail("TypeError", `can only concatenate str (not "%s") to str`, typeName(b))
		}
	case "*":
		if n, ok := asInt(b); ok {
			return r.repeat(a, n, b)
		}
		if n, ok := asInt(a); ok {
			return r.repeat(b, n, a)
		}
		if asBig(a) != nil || asBig(b) != nil {
			r.fail("OverflowError", "cannot fit 'int' into an index-sized integer")
		}
	case "%":
		if f, ok := a.(Markup); ok {
			return Markup(r.percent(string(f), escapeArgs(b)))
		}
	}
	name := op
	if op == "**" {
		name = "** or pow()"
	}
	r.fail("TypeError", "unsupported operand type(s) for %s: '%s' and '%s'", name, typeName(a), typeName(b))
	return nil
}

// add joins sequences of one type.
func add(a, b any) (any, bool) {
	switch x := a.(type) {
	case string:
		switch y := b.(type) {
		case string:
			return x + y, true
		case Markup:
			return escapeHTML(x) + y, true
		}
	case Markup:
		if _, ok := text(b); ok {
			return x + escapeHTML(b), true
		}
	case *List:
		if y, ok := b.(*List); ok {
			return &List{append(append([]any{}, x.Items...), y.Items...)}, true
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return &Tuple{Items: append(append([]any{}, x.Items...), y.Items...)}, true
		}
	}
	return nil, false
}

// repeat is seq * n; count is how n was written.
func (r *render) repeat(seq any, n int64, count any) any {
	n = max(n, 0)
	fits := func(size int) int {
		if size > 0 && n > int64(maxRepeat/size) {
			r.fail("MemoryError", "repeated too often")
		}
		return int(n)
	}
	switch s := seq.(type) {
	case string:
		return strings.Repeat(s, fits(len(s)))
	case Markup:
		return Markup(strings.Repeat(string(s), fits(len(s))))
	case *List:
		return &List{repeatItems(s.Items, fits(16*len(s.Items)))}
	case *Tuple:
		return &Tuple{Items: repeatItems(s.Items, fits(16*len(s.Items)))}
	}
	r.fail("TypeError", "unsupported operand type(s) for *: '%s' and '%s'", typeName(seq), typeName(count))
	return nil
}

func repeatItems(items []any, n int) []any {
	out := make([]any, 0, len(items)*n)
	for range n {
		out = append(out, items...)
	}
	return out
}

// calculate is a op b for numbers.
func (r *render) calculate(op string, a, b any) any {
	_, xf := a.(float64)
	_, yf := b.(float64)
	if xf || yf || op == "/" {
		return r.floats(op, a, b)
	}
	x, xok := asInt(a)
	y, yok := asInt(b)
	if xok && yok && small(x) && small(y) && op != "**" {
		return r.ints(op, x, y)
	}
	return r.bigs(op, asBig(a), asBig(b))
}

// small ints can be multiplied without overflow.
func small(i int64) bool { return i > -1<<31 && i < 1<<31 }

func (r *render) divisor(zero bool, message string) {
	if zero {
		r.fail("ZeroDivisionError", "%s", message)
	}
}

func (r *render) ints(op string, x, y int64) any {
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	r.divisor(y == 0, "integer division or modulo by zero")
	q, m := x/y, x%y
	if m != 0 && (m < 0) != (y < 0) {
		q, m = q-1, m+y // Python rounds down
	}
	if op == "%" {
		return m
	}
	return q
}

func (r *render) bigs(op string, x, y *big.Int) any {
	z := new(big.Int)
	switch op {
	case "+":
		return fromBig(z.Add(x, y))
	case "-":
		return fromBig(z.Sub(x, y))
	case "*":
		return fromBig(z.Mul(x, y))
	case "**":
		return r.power(x, y)
	}
	r.divisor(y.Sign() == 0, "integer division or modulo by zero")
	q, m := new(big.Int).QuoRem(x, y, z)
	if m.Sign() != 0 && m.Sign() != y.Sign() {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	if op == "%" {
		return fromBig(m)
	}
	return fromBig(q)
}

func (r *render) power(x, y *big.Int) any {
	if y.Sign() < 0 {
		return r.floatPower(asFloat(x), asFloat(y))
	}
	if !y.IsInt64() || y.Int64()*int64(x.BitLen()) > 1<<22 {
		r.fail("OverflowError", "the power is too large")
	}
	return fromBig(new(big.Int).Exp(x, y, nil))
}

func (r *render) floats(op string, a, b any) any {
	x, y := asFloat(a), asFloat(b)
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "**":
		return r.floatPower(x, y)
	case "/":
		return r.divide(a, b)
	}
	r.divisor(y == 0, "float floor division by zero")
	q, m := floorDivide(x, y)
	if op == "%" {
		return m
	}
	return q
}

// divide is true division; of ints it is rounded once.
func (r *render) divide(a, b any) any {
	x, y := asFloat(a), asFloat(b)
	r.divisor(y == 0, "division by zero")
	i, j := asBig(a), asBig(b)
	if i == nil || j == nil || i.BitLen() <= 53 && j.BitLen() <= 53 {
		return x / y
	}
	f, _ := new(big.Rat).SetFrac(i, j).Float64()
	return f
}

func (r *render) floatPower(x, y float64) any {
	r.divisor(x == 0 && y < 0, "0.0 cannot be raised to a negative power")
	if x < 0 && y != math.Trunc(y) {
		r.fail("TypeError", "a negative number to a fraction is a complex number")
	}
	p := pow(x, y)
	if math.IsInf(p, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		r.fail("OverflowError", "the power is too large")
	}
	return p
}

// pow is the nearest float to x**y where y is a whole number or ends in a half.
// math.Pow may be off by more than the last digit, and C's is not.
func pow(x, y float64) float64 {
	const most = 1 << 12 // beyond, results are 0, infinite, or of a base near 1
	half := y - math.Floor(y)
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) || math.Abs(y) > most || half != 0 && half != 0.5 {
		return math.Pow(x, y)
	}
	exact := func(f float64) *big.Float { return new(big.Float).SetPrec(320).SetFloat64(f) }
	z, square := exact(1), exact(x)
	for n := int(math.Abs(math.Trunc(y))); n > 0; n >>= 1 {
		if n&1 == 1 {
			z.Mul(z, square)
		}
		square.Mul(square, square)
	}
	if half != 0 {
		z.Mul(z, exact(0).Sqrt(exact(x)))
	}
	if y < 0 {
		z.Quo(exact(1), z)
	}
	f, _ := z.Float64()
	return f
}

// floorDivide is Python's divmod for floats.
func floorDivide(x, y float64) (q, m float64) {
	m = math.Mod(x, y)
	q = (x - m) / y
	if m != 0 {
		if (y < 0) != (m < 0) {
			m += y
			q--
		}
	} else {
		m = math.Copysign(0, y)
	}
	if q == 0 {
		return math.Copysign(0, x/y), m
	}
	f := math.Floor(q)
	if q-f > 0.5 {
		f++
	}
	return f, m
}
