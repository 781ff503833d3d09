package engine

// isBadSync is true: Windows has no sync of folders, a rename is journalled.
func isBadSync(error) bool { return true }
