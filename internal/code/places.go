package code

import "fmt"

// Places returns where the declarations are that a type reaches, by their names:
// file and line, relative to the root.
func (x *Index) Places(pkgPath, typeName string) (map[string]string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	w, err := x.walked(pkgPath, typeName)
	if err != nil {
		return nil, err
	}
	places := make(map[string]string, len(w.found))
	for d := range w.found {
		places[d.name] = fmt.Sprintf("%s:%d", d.file, x.fset.Position(d.pos).Line)
	}
	return places, nil
}
