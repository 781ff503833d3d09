package cache

import "golang.org/x/sys/unix"

// setByteLock is fcntl's command for locks that belong to an open file, not to
// a process: closing another file of the same name gives none of them back.
const setByteLock = unix.F_OFD_SETLK
