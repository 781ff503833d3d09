package config

import (
	"os"
	"strings"
	"testing"
)

func TestLoadEnvReadsTheUsualForms(t *testing.T) {
	root := project(t, map[string]string{".env": `# keys
ISF_T_PLAIN=abc
export ISF_T_EXPORT = spaced value   # a note
ISF_T_HASH=a#b
ISF_T_SINGLE='raw $X \n # kept'
ISF_T_DOUBLE="a\tb \"q\" ${ISF_T_PLAIN}" # note
ISF_T_LINES="one
two"
ISF_T_EMPTY=
ISF_T_BARE
ISF_T_SET=from file
ISF_T_UNSET_EMPTY=from file

ISF_T_LAST=end`})
	for _, name := range []string{"PLAIN", "EXPORT", "HASH", "SINGLE", "DOUBLE", "LINES", "EMPTY", "BARE", "LAST"} {
		t.Setenv("ISF_T_"+name, "")
		os.Unsetenv("ISF_T_" + name)
	}
	t.Setenv("ISF_T_SET", "from shell")
	t.Setenv("ISF_T_UNSET_EMPTY", "")
	if err := LoadEnv(root); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"PLAIN": "abc", "EXPORT": "spaced value", "HASH": "a#b", "SINGLE": `raw $X \n # kept`,
		"DOUBLE": "a\tb \"q\" abc", "LINES": "one\ntwo", "EMPTY": "", "SET": "from shell", "UNSET_EMPTY": "", "LAST": "end",
	} {
		if got := os.Getenv("ISF_T_" + name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, ok := os.LookupEnv("ISF_T_BARE"); ok {
		t.Error("a name without a value was set")
	}
}

func TestLoadEnvNeverShowsWhatIsInTheFile(t *testing.T) {
	t.Setenv("ISF_T_A", "")
	err := LoadEnv(project(t, map[string]string{".env": "ISF_T_A=1\nsk-secret value\nISF_T_B=\"sk-open\n"}))
	if err == nil || strings.Contains(err.Error(), "sk-") {
		t.Fatalf("got %v, want an error without the text", err)
	}
	if want := ".env:2:1: this line is not NAME=value\n.env:3:1: this line is not NAME=value"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAProjectWithoutEnvFileIsFine(t *testing.T) {
	if err := LoadEnv(t.TempDir()); err != nil {
		t.Error(err)
	}
}
