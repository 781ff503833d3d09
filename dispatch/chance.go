package dispatch

const (
	// rare is the share of tries that may be refused by chance. A limit that is a tenth too high is refused
	// more, and a tenth is what one cut takes off.
	rare = 0.1
	// vain is how many cuts, one soon after the other, may leave refusals as rare as they were.
	vain = 3
	// few tries in a flight say nothing, but that the one before is still with the provider.
	few = 4
	// telling is how many tries of one flight count at most, so that a long one before the provider lowered its
	// limit does not speak for those that follow.
	telling = 20
	// strays is how many refusals in a row may be chance: at one in twenty, a fourth comes once in 160,000 tries.
	strays = 3
)

// A chance tells refusals that come whatever the load from those of a provider that is at its limit.
//
// Where a limit is what a provider refuses, and few of the tries that left after a cut were refused, another cut
// goes below it, and nothing more is refused until the limit of the lane grows again. So refusals that stay rare
// through one cut after the other are not about the load, and cutting on would only slow down: the lane
// returns to where the first of these cuts was made, and is not cut again while they are rare. A provider that
// lowers its limit again and again by less than a tenth looks the same; it is pressed by a tenth too much.
//
// A Retry-After of such a refusal is for the request that got it, and the lane goes on, unless nothing but refusals
// comes home: then the provider means everybody.
type chance struct {
	random  bool // refusals are taken for chance
	inRow   int  // refusals that came home since the last answer
	left    int  // tries of the flight that is out; while random, of late
	refused int  // of those; counted while random
	flights [vain]flight
}

// A flight is what left between two cuts. What left counts, and not what came home: refusals come home first.
type flight struct {
	left  int
	taken int // the limit that the cut at its end found
}

// refusal counts one.
func (c *chance) refusal() {
	c.refused++
	c.inRow++
}

// answer counts one.
func (c *chance) answer() { c.inRow = 0 }

// stray says that the last refusal says nothing of other tries.
func (c *chance) stray() bool { return c.random && c.inRow <= strays }

// leave counts a try that goes out on a lane of this limit.
func (c *chance) leave(limit int) {
	if c.random && c.left >= max(2*limit, vain*telling) {
		c.random = float64(c.refused) <= rare*float64(c.left)
		c.left, c.refused = 0, 0
	}
	c.left++
}

// cut hears that a refusal is about to cut a limit, and says whether that would be in vain, and what the limit
// should be instead. below is whether it has not grown back since the cut before.
func (c *chance) cut(limit int, below bool) (inVain bool, back int) {
	if !below {
		c.flights = [vain]flight{}
	}
	copy(c.flights[:], c.flights[1:])
	c.flights[vain-1] = flight{min(c.left, telling), limit}
	c.left = 0
	all := 0
	for _, f := range c.flights {
		if f.left < few {
			return false, 0
		}
		all += f.left
	}
	if vain > rare*float64(all) {
		return false, 0
	}
	back = c.flights[0].taken
	*c = chance{random: true, inRow: c.inRow}
	return true, back
}
