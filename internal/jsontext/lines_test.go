package jsontext

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadLineReturnsLongAndUnfinishedLinesWhole(t *testing.T) {
	long := strings.Repeat("x", 100)
	in := bufio.NewReaderSize(strings.NewReader("a\n"+long+"\n\nlast"), 16)
	for _, want := range []string{"a\n", long + "\n", "\n"} {
		if got, err := ReadLine(in); err != nil || string(got) != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
	if got, err := ReadLine(in); !errors.Is(err, io.EOF) || string(got) != "last" {
		t.Errorf("got %q, %v; want what is left and the end", got, err)
	}
}
