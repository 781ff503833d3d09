package config

import "errors"

// Load reads isf.yaml of the project at root. The error is Problems when the
// file is at fault.
func Load(root string) (*Config, error) { return nil, errors.New("not written yet") }

// FindRoot returns the first folder with isf.yaml: dir or one of its parents.
func FindRoot(dir string) (string, error) { return "", errors.New("not written yet") }

// LoadEnv sets the variables of root's .env that are not set yet.
func LoadEnv(root string) error { return nil }
