package jinja

// What templates can call by name. The tables are made before main and never
// change; they are made here and not where they are declared because filters
// call filters by name, which Go takes for a cycle.
var (
	filters   map[string]*builtin
	tests     map[string]*builtin
	methodsOf map[string]map[string]*builtin // by type; the first argument is the object
)

func init() {
	filters, tests = newFilters(), newTests()
	str, list := newStringMethods(), newListMethods()
	methodsOf = map[string]map[string]*builtin{
		"str": str, "Markup": str, "list": list, "dict": newDictMethods(),
		"tuple": {"count": list["count"], "index": list["index"]},
		"int":   {"bit_length": def(bitLength, "self", must{})},
		"bool":  {"bit_length": def(bitLength, "self", must{})},
		"range": {"count": def(listCount, "self", must{}, "value", must{}), "index": def(listIndex, "self", must{}, "value", must{})},
		"float": {"is_integer": def(isInteger, "self", must{})},
	}
	nameAll(filters)
	nameAll(tests)
	for _, methods := range methodsOf {
		nameAll(methods)
	}
}

// nameAll tells builtins their names, for errors.
func nameAll(bs map[string]*builtin) {
	for name, b := range bs {
		b.name = name
	}
}
