// Package cache keeps the answers of models by the request that asked for them.
//
// A request is a list of Fields. Its text fields, hashed, are its Key; the limit
// on the length of the answer is not in the key, so a key holds variants by
// limit, and a Ref names one. An Entry is a stored answer together with the
// fields it answers, so that its key can be computed again and explained. A
// value longer than 1 KiB is a blob: it is kept once, by its Digest.
//
// A Store is the folder .isf of a project. A running process acknowledges in a
// journal of its own, .isf/journal/<pid-random>; folding moves what journals
// hold into .isf/cache.db, which is bbolt. Everything on disk is a Frame, which
// carries its own key, length and checksum and is the same in both places.
//
// What always holds:
//
//   - When Put returns nil, the entry is on disk and every later process finds
//     it, whatever is killed afterwards.
//   - A damaged entry reads as a miss. Losing the store costs money, never
//     correctness.
//   - A journal file goes only after what it holds has been committed to
//     cache.db, so a frame is always in one of them, and may be in both.
//   - Nobody waits for a fold longer than one batch takes, and no process has to
//     clean up after another: locks are those of the operating system and die
//     with their owner.
//   - Of two answers to one Ref the one that reached cache.db first stays.
package cache
