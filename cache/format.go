package cache

// KeyFormat is the format of keys that keyFormat names. Answers of another
// format are never found, so it changes only with a migration.
const KeyFormat = 1
