package cache

import (
	"errors"
	"fmt"
)

// A Newer says that something was written by a later version of this program,
// in a format that this one cannot read. It is neither a miss, for which somebody
// would pay again, nor damage, which may go: whoever meets it leaves it where it
// is.
type Newer struct {
	What   string // "a stored answer", the path of a pack, …
	Format int    // 0 where there is no number to it
}

func (n *Newer) Error() string {
	format := ""
	if n.Format > 0 {
		format = fmt.Sprintf(" (format %d)", n.Format)
	}
	return fmt.Sprintf("%s was written by a newer isf%s; update isf", n.What, format)
}

func isNewer(err error) bool {
	_, newer := errors.AsType[*Newer](err)
	return newer
}
