package cli

import "github.com/identity-shaping/isf/internal/term"

// safe makes text of models, providers, files and names fit for a terminal.
func safe(text string) string { return term.Safe(text) }
