// Package launch runs the isf that matches its sources.
package launch

import "io"

// Sources is the digest of the sources this binary was built from; the build
// links it in. A binary installed by other means has none.
var Sources string

// Fresh is replaced below.
func Fresh(root string, args []string, stderr io.Writer) (handled bool, exit int, err error) {
	return false, 0, nil
}
