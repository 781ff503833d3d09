package scaffold

import (
	"fmt"
	"path"
)

// Recipe returns the file of a new recipe over these datasets.
func Recipe(name string, datasets []string) (File, error) {
	if !legalTarget.MatchString(name) || name == "all" {
		return File{}, fmt.Errorf("recipe name %q: use letters, digits, dots, dashes and underscores, beginning with a letter, and not \"all\"", name)
	}
	if len(datasets) == 0 {
		return File{}, fmt.Errorf("this project has no dataset for a recipe to mix; `isf new pipeline NAME` makes one")
	}
	text, err := render("parts/recipe.yaml"+suffix, struct {
		Name     string
		Datasets []string
	}{name, datasets})
	return File{Path: path.Join("training/data", name+".yaml"), Text: text}, err
}
