package cache

// setByteLock is F_OFD_SETLK, for which package unix has no name here. A system
// that does not know it says so, and then there are no leases.
const setByteLock = 90
