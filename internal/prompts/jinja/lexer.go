package jinja

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	tEOF kind = iota
	tData
	tVarBegin
	tVarEnd
	tBlockBegin
	tBlockEnd
	tName
	tString
	tNumber
	tOp
)

// A token is one piece of a source. val is the value of a literal.
type token struct {
	kind kind
	text string
	val  any
	line int
}

func (t token) String() string {
	switch t.kind {
	case tEOF:
		return "end of template"
	case tVarEnd:
		return "end of print statement"
	case tBlockEnd:
		return "end of statement block"
	case tData:
		return "template data"
	}
	return t.text
}

type lexer struct {
	name   string
	src    string
	pos    int
	line   int
	tokens []token
}

// lex splits a source into tokens. Line ends become \n first.
func lex(name, src string) []token {
	src = strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
	l := &lexer{name: name, src: src, line: 1}
	for l.pos < len(l.src) {
		l.root()
	}
	l.emit(tEOF, "", nil)
	return l.tokens
}

func (l *lexer) fail(format string, args ...any) {
	panic(&Error{Template: l.name, Line: l.line, Kind: "TemplateSyntaxError", Message: fmt.Sprintf(format, args...)})
}

func (l *lexer) emit(k kind, text string, val any) {
	l.tokens = append(l.tokens, token{k, text, val, l.line})
}

// advance moves to pos, counting lines.
func (l *lexer) advance(pos int) {
	l.line += strings.Count(l.src[l.pos:pos], "\n")
	l.pos = pos
}

// rawBegin and rawEnd need no look at what is around them, so they stay expressions.
var (
	rawBegin = regexp.MustCompile(`\A\{%([-+]?)[\s\pZ]*raw[\s\pZ]*(-%\}|%\})`)
	rawEnd   = regexp.MustCompile(`\{%([-+]?)[\s\pZ]*endraw[\s\pZ]*([-+]?)%\}`)
)

// root reads template data up to a tag, and the tag.
func (l *lexer) root() {
	at := l.nextTag()
	if at < 0 {
		l.emit(tData, l.src[l.pos:], nil)
		l.advance(len(l.src))
		return
	}
	data, sign := l.src[l.pos:at], byte(0)
	if at+2 < len(l.src) {
		sign = l.src[at+2]
	}
	raw := rawBegin.FindStringSubmatch(l.src[at:])
	if sign == '-' {
		data = strings.TrimRightFunc(data, isSpace)
	}
	if data != "" {
		l.emit(tData, data, nil)
	}
	opener := l.src[at : at+2]
	l.advance(at)
	if raw != nil {
		l.raw(raw)
		return
	}
	begin := at + 2
	if sign == '-' || sign == '+' {
		begin++
	}
	switch opener {
	case "{#":
		l.comment(begin)
	case "{%":
		l.emit(tBlockBegin, "{%", nil)
		l.advance(begin)
		l.tag("%}", tBlockEnd)
	case "{{":
		l.emit(tVarBegin, "{{", nil)
		l.advance(begin)
		l.tag("}}", tVarEnd)
	}
}

// nextTag returns where the next tag begins, -1 if nowhere.
func (l *lexer) nextTag() int {
	for i := l.pos; i+1 < len(l.src); i++ {
		if l.src[i] == '{' && (l.src[i+1] == '%' || l.src[i+1] == '{' || l.src[i+1] == '#') {
			return i
		}
	}
	return -1
}

func (l *lexer) skipSpace() {
	rest := strings.TrimLeftFunc(l.src[l.pos:], isSpace)
	l.advance(len(l.src) - len(rest))
}

func (l *lexer) comment(begin int) {
	end := strings.Index(l.src[begin:], "#}")
	if end < 0 && begin < len(l.src) {
		l.fail("a comment is not closed by #}")
	}
	if end < 0 { // Jinja2 lets the very end of a template close it
		l.advance(begin)
		return
	}
	end += begin
	trim := end > begin && l.src[end-1] == '-'
	l.advance(end + 2)
	if trim {
		l.skipSpace()
	}
}

// raw reads {% raw %} … {% endraw %}; open is the match of its first tag.
func (l *lexer) raw(open []string) {
	l.advance(l.pos + len(open[0]))
	if strings.HasPrefix(open[2], "-") {
		l.skipSpace()
	}
	end := rawEnd.FindStringSubmatchIndex(l.src[l.pos:])
	if end == nil && l.pos == len(l.src) {
		return // as with comments
	}
	if end == nil {
		l.fail("a raw block is not closed by endraw")
	}
	rest := l.src[l.pos:]
	data := rest[:end[0]]
	if rest[end[2]:end[3]] == "-" {
		data = strings.TrimRightFunc(data, isSpace)
	}
	if data != "" {
		l.emit(tData, data, nil)
	}
	trim := rest[end[4]:end[5]] == "-"
	l.advance(l.pos + end[1])
	if trim {
		l.skipSpace()
	}
}

// tag reads tokens up to the closing mark, which counts only outside brackets.
func (l *lexer) tag(closing string, end kind) {
	var open []byte // closing brackets that are due
	for {
		l.skipSpace()
		if l.pos >= len(l.src) {
			return // the parser says what is missing
		}
		rest := l.src[l.pos:]
		if len(open) == 0 && l.closes(rest, closing, end) {
			return
		}
		if !l.literal(rest) {
			l.operator(rest, &open)
		}
	}
}

// closes reads the closing mark if it is next.
func (l *lexer) closes(rest, closing string, end kind) bool {
	n, trim := len(closing), false
	switch {
	case strings.HasPrefix(rest, closing):
	case strings.HasPrefix(rest, "-"+closing):
		n, trim = n+1, true
	case end == tBlockEnd && strings.HasPrefix(rest, "+"+closing):
		n++
	default:
		return false
	}
	l.emit(end, closing, nil)
	l.advance(l.pos + n)
	if trim {
		l.skipSpace()
	}
	return true
}

var (
	floatRE  = regexp.MustCompile(`(?i)\A(\d+_)*\d+((\.(\d+_)*\d+)?e[+\-]?(\d+_)*\d+|\.(\d+_)*\d+)`)
	intRE    = regexp.MustCompile(`(?i)\A(0b(_?[01])+|0o(_?[0-7])+|0x(_?[\da-f])+|[1-9](_?\d)*|0(_?0)*)`)
	nameRE   = regexp.MustCompile(`\A[\pL\pN\pM_·]+`)
	stringRE = regexp.MustCompile(`(?s)\A('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")`)
)

// literal reads a number, name or string if one is next.
func (l *lexer) literal(rest string) bool {
	afterDot := l.src[l.pos-1] == '.'
	if m := floatRE.FindString(rest); m != "" && !afterDot {
		f, _ := strconv.ParseFloat(strings.ReplaceAll(m, "_", ""), 64)
		l.emit(tNumber, m, f)
		l.advance(l.pos + len(m))
		return true
	}
	if m := intRE.FindString(rest); m != "" {
		i, _ := new(big.Int).SetString(strings.ReplaceAll(m, "_", ""), 0)
		if strings.Trim(m, "0_") == "" {
			i = new(big.Int)
		}
		l.emit(tNumber, m, fromBig(i))
		l.advance(l.pos + len(m))
		return true
	}
	if m := nameRE.FindString(rest); m != "" {
		if first, _ := utf8.DecodeRuneInString(m); first != '_' && !unicode.IsLetter(first) {
			l.fail("invalid character in identifier %q", m)
		}
		l.emit(tName, m, nil)
		l.advance(l.pos + len(m))
		return true
	}
	if m := stringRE.FindString(rest); m != "" {
		l.emit(tString, m, l.unescape(m[1:len(m)-1]))
		l.advance(l.pos + len(m))
		return true
	}
	return false
}

var operators = []string{
	"//", "**", "==", "!=", ">=", "<=",
	"+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
}

func (l *lexer) operator(rest string, open *[]byte) {
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.balance(op, open)
			l.emit(tOp, op, nil)
			l.advance(l.pos + len(op))
			return
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	l.fail("unexpected character %q in a tag", r)
}

// balance keeps the stack of open brackets.
func (l *lexer) balance(op string, open *[]byte) {
	switch op {
	case "(":
		*open = append(*open, ')')
	case "[":
		*open = append(*open, ']')
	case "{":
		*open = append(*open, '}')
	case ")", "]", "}":
		if len(*open) == 0 {
			l.fail("unexpected '%s'", op)
		}
		if due := (*open)[len(*open)-1]; due != op[0] {
			l.fail("unexpected '%s', expected '%c'", op, due)
		}
		*open = (*open)[:len(*open)-1]
	}
}

// simpleEscapes are Python's one-letter escapes.
var simpleEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// unescape resolves the escapes of a Python string literal; unknown ones stay.
func (l *lexer) unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		text, n := l.escape(s[i+1:])
		b.WriteString(text)
		i += 1 + n
	}
	return b.String()
}

// escape resolves one escape; s begins after the backslash. It returns how many
// bytes of s belong to it.
func (l *lexer) escape(s string) (string, int) {
	c := s[0]
	if text, ok := simpleEscapes[c]; ok {
		return text, 1
	}
	if c >= '0' && c <= '7' {
		n := 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		v, _ := strconv.ParseUint(s[:n], 8, 32)
		return string(rune(v)), n
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; digits > 0 {
		if len(s) <= digits {
			l.fail(`a \%c escape needs %d hex digits`, c, digits)
		}
		v, err := strconv.ParseUint(s[1:1+digits], 16, 32)
		if err != nil || v > unicode.MaxRune {
			l.fail(`a \%c escape needs %d hex digits of a character`, c, digits)
		}
		return string(rune(v)), 1 + digits
	}
	return `\`, 0
}

// isSpace is Python's str.isspace for one character.
func isSpace(r rune) bool {
	switch {
	case r >= 0x1c && r <= 0x1f:
		return true
	case r < 0x80:
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return unicode.IsSpace(r)
}
