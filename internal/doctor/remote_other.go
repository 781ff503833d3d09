//go:build !linux

package doctor

// remoteKind cannot tell here.
func remoteKind(string) string { return "" }
