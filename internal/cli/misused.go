package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/identity-shaping/isf/internal/engine"
	"github.com/identity-shaping/isf/internal/near"
)

// misused says which command was given what it does not take, and who knows
// better. What it says follows "isf: ".
func misused(c *cobra.Command, err error) error {
	text := err.Error()
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		text += meantFlag(c, unknown)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		text = wrongValue(wrong)
	}
	if c.HasParent() {
		text = strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ") + ": " + text
	}
	return engine.Usagef("%s; see `%s --help`", text, c.CommandPath())
}

// meantFlag asks for the flag that was probably meant, if there is one.
func meantFlag(c *cobra.Command, e *pflag.NotExistError) string {
	if e.GetSpecifiedShortnames() != "" {
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if best := near.Best(e.GetSpecifiedName(), names); best != "" {
		return " (did you mean --" + best + "?)"
	}
	return ""
}

// wrongValue says what a flag takes. pflag names the function that could not
// read it.
func wrongValue(e *pflag.InvalidValueError) string {
	f := e.GetFlag()
	wants := map[string]string{"int": "a whole number", "int64": "a whole number", "uint64": "a whole number", "float64": "a number", "bool": "true or false", "duration": "a time such as 90s or 2m"}
	want, ok := wants[f.Value.Type()]
	if !ok {
		return e.Error()
	}
	return fmt.Sprintf("--%s takes %s, not %q", f.Name, want, e.GetValue())
}
