package sim

import "strings"

// failsOneIn is how often a simulated judge finds something: seldom enough for a
// report to be readable.
const failsOneIn = 12

// verdicts judge by dice, and say so.
func verdicts(names []string, d dice) string {
	lines := make([]string, len(names))
	for i, n := range names {
		if lines[i] = "<pass>" + n + "</pass>"; d.n(failsOneIn) == 0 {
			lines[i] = "<fail>" + n + ": a simulated judge rolled dice</fail>"
		}
	}
	return strings.Join(lines, "\n")
}
