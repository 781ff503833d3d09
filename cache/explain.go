package cache

import (
	"fmt"
	"io"
	"strings"
)

// Explain prints every byte that enters the key, in hex with its offset, and
// what it means: the BLAKE3 hash of the bytes is the key. A value over 1 KiB
// enters by its digest.
func (fs Fields) Explain(w io.Writer) {
	d := dump{w: w}
	d.line([]byte(keyFormat), fmt.Sprintf("format %q", keyFormat))
	for _, p := range textParts(nil, fs.parts()) {
		bytes := appendPart(nil, p)
		head := bytes[:len(bytes)-len(p.value)]
		d.line(head, fmt.Sprintf("%s: tag %d, %s", p.tag.Name(), p.tag, p.about()))
		d.value([]byte(p.value), p)
	}
}

// about says how the value stands in the key.
func (p part) about() string {
	if p.long() {
		return fmt.Sprintf("digest of %d bytes", p.size)
	}
	return fmt.Sprintf("%d bytes", p.size)
}

// A dump writes bytes, some on each line, beside what they mean.
type dump struct {
	w  io.Writer
	at int
}

const dumpWidth = 16

func (d *dump) line(b []byte, means string) {
	fmt.Fprintln(d.w, strings.TrimRight(fmt.Sprintf("%5d  %-*s  %s", d.at, 3*dumpWidth-1, fmt.Sprintf("% x", b), means), " "))
	d.at += len(b)
}

// value writes a value: beside texts the text, beside all else what it stands
// for.
func (d *dump) value(b []byte, p part) {
	means := ""
	switch {
	case p.long(), p.tag.Kind() == 0:
	case p.tag.Kind() != KindString:
		means = string(Field{p.tag, p.value}.JSON())
	}
	for len(b) > 0 {
		n := min(dumpWidth, len(b))
		switch {
		case p.tag.Kind() == KindString && !p.long():
			d.line(b[:n], printableBytes(b[:n]))
		default:
			d.line(b[:n], means)
			means = ""
		}
		b = b[n:]
	}
}

// printableBytes shows bytes as characters, with a point for what is no
// character of one byte.
func printableBytes(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if out[i] = c; c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}
