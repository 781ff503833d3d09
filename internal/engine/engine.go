// Package engine builds targets: it runs the pipelines of a project over their
// records, asks models through dispatch and the cache, and puts rows, error
// rows and manifests on disk.
//
// A Pipeline makes one target. It yields Rows: an ordered, lazily made list of
// Records. A stage turns a record into further records, each in a Task of its
// own, with requests to models. The last stage of a pipeline is followed by
// its writer.
//
// What always holds:
//   - Rows come out in the order of the records they were made from, whatever
//     order the answers arrived in.
//   - Memory depends on what is in flight, not on the number of records: a
//     stage admits a bounded number of records ahead of the oldest unfinished
//     one, and finished lines that wait for it go to a spill file.
//   - A task that waits for an answer it must not ask for (offline, a stop)
//     ends by runtime.Goexit. Its record is open: neither a row nor an error.
//   - Output is put in place only by a run in which no record stayed open, in
//     the order entries, error rows, output, manifest.
package engine

// Version names this engine in entries. It changes when answers are read or
// stored differently, not with every release.
const Version = "isf-go/1"
