package term

// A Line is what one target has done so far. Total is -1 while unknown.
type Line struct {
	Target                       string
	Done, Running, Unknown, Total int64
	Hits, Sent, Retries          int64
	Tokens                       int64
	State                        string
	Errors                       int64
}
