package e2e

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/identity-shaping/isf/internal/sources/hubtest"
)

type hubKey struct{}

// startHub commits a split with so many rated prompts to the hub of the script,
// starting it if need be, or makes it refuse: hub OWNER/NAME ROWS, hub down,
// hub up. Its address is in $HF_ENDPOINT, its last commit in $COMMIT.
func startHub(ts *testscript.TestScript, _ bool, args []string) {
	hub, ok := ts.Value(hubKey{}).(**hubtest.Hub)
	if !ok {
		ts.Fatalf("the script has no place for a hub")
	}
	if *hub == nil {
		*hub = hubtest.New()
		ts.Defer((*hub).Close)
		ts.Setenv("HF_ENDPOINT", (*hub).URL)
	}
	switch args[0] {
	case "down":
		(*hub).CloseClientConnections()
		(*hub).Fail(hubtest.Faults{Token: "one that nobody has"})
	case "up":
		(*hub).Fail(hubtest.Faults{})
	default:
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Setenv("COMMIT", (*hub).Commit(args[0], "main", map[string][]byte{"data/train-00000-of-00001.parquet": ratedPrompts(ts, n)}))
	}
}

func ratedPrompts(ts *testscript.TestScript, n int) []byte {
	type prompt struct {
		ID     string `parquet:"id"`
		Prompt string `parquet:"prompt"`
		Score  int32  `parquet:"score"`
	}
	rows := make([]prompt, n)
	for i := range rows {
		rows[i] = prompt{fmt.Sprintf("w-%04d", i), fmt.Sprintf("Tell me about the number %d.", i), int32(i%5 + 1)}
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[prompt](&b)
	_, err := w.Write(rows)
	ts.Check(err)
	ts.Check(w.Close())
	return b.Bytes()
}

// hubServed checks whether the hub was asked anything since the last time:
// hubserved, ! hubserved.
func hubServed(ts *testscript.TestScript, neg bool, args []string) {
	tally := (*ts.Value(hubKey{}).(**hubtest.Hub)).Reset()
	if (tally.Requests == 0) != neg {
		ts.Fatalf("the hub served %+v %s", tally, strings.Join(args, " "))
	}
}
