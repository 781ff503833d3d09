package jinja

import "strings"

// newFilters makes what may follow "|".
func newFilters() map[string]*builtin {
	filters := map[string]*builtin{
		"abs":            def(filterAbs, "value", must{}),
		"attr":           def(filterAttr, "value", must{}, "name", must{}),
		"batch":          def(filterBatch, "value", must{}, "linecount", must{}, "fill_with", nil),
		"capitalize":     textFilter(capitalize),
		"center":         def(filterCenter, "value", must{}, "width", int64(80)),
		"default":        def(filterDefault, "value", must{}, "default_value", "", "boolean", false),
		"dictsort":       def(filterDictSort, "value", must{}, "case_sensitive", false, "by", "key", "reverse", false),
		"escape":         def(func(_ *render, a []any) any { return escapeHTML(a[0]) }, "value", must{}),
		"filesizeformat": def(filterFileSize, "value", must{}, "binary", false),
		"first":          def(filterFirst, "value", must{}),
		"float":          def(filterFloat, "value", must{}, "default", 0.0),
		"forceescape":    def(func(_ *render, a []any) any { return escapeHTML(str(a[0])) }, "value", must{}),
		"format":         {raw: filterFormat},
		"groupby":        def(filterGroupBy, "value", must{}, "attribute", must{}, "default", nil, "case_sensitive", false),
		"indent":         def(filterIndent, "value", must{}, "width", int64(4), "first", false, "blank", false),
		"int":            def(filterInt, "value", must{}, "default", int64(0), "base", int64(10)),
		"items":          def(filterItems, "value", must{}),
		"join":           def(filterJoin, "value", must{}, "d", "", "attribute", nil),
		"last":           def(filterLast, "value", must{}),
		"length":         def(func(r *render, a []any) any { return r.length(a[0]) }, "value", must{}),
		"list":           def(func(r *render, a []any) any { return &List{append([]any{}, r.items(a[0])...)} }, "value", must{}),
		"lower":          textFilter(lower),
		"map":            {raw: filterMap},
		"max":            def(extreme(false), "value", must{}, "case_sensitive", false, "attribute", nil),
		"min":            def(extreme(true), "value", must{}, "case_sensitive", false, "attribute", nil),
		"pprint":         def(func(_ *render, a []any) any { return pretty(a[0]) }, "value", must{}),
		"random":         {raw: filterRandom},
		"reject":         {raw: picks(false, false)},
		"rejectattr":     {raw: picks(false, true)},
		"replace":        def(filterReplace, "value", must{}, "old", must{}, "new", must{}, "count", nil),
		"reverse":        def(filterReverse, "value", must{}),
		"round":          def(filterRound, "value", must{}, "precision", int64(0), "method", "common"),
		"safe":           def(func(_ *render, a []any) any { return Markup(str(a[0])) }, "value", must{}),
		"select":         {raw: picks(true, false)},
		"selectattr":     {raw: picks(true, true)},
		"slice":          def(filterSlice, "value", must{}, "slices", must{}, "fill_with", nil),
		"sort":           def(filterSort, "value", must{}, "reverse", false, "case_sensitive", false, "attribute", nil),
		"string":         def(func(_ *render, a []any) any { return soft(a[0]) }, "value", must{}),
		"striptags":      def(filterStripTags, "value", must{}),
		"sum":            def(filterSum, "value", must{}, "attribute", nil, "start", int64(0)),
		"title":          textFilter(titleWords),
		"tojson":         def(filterToJSON, "value", must{}, "indent", nil),
		"trim":           def(filterTrim, "value", must{}, "chars", nil),
		"truncate":       def(filterTruncate, "value", must{}, "length", int64(255), "killwords", false, "end", "...", "leeway", int64(5)),
		"unique":         def(filterUnique, "value", must{}, "case_sensitive", false, "attribute", nil),
		"upper":          textFilter(upper),
		"urlencode":      def(filterURLEncode, "value", must{}),
		"urlize":         {raw: filterURLize},
		"wordcount":      def(filterWordCount, "value", must{}),
		"wordwrap":       def(filterWordWrap, "value", must{}, "width", int64(79), "break_long_words", true, "wrapstring", nil, "break_on_hyphens", true),
		"xmlattr":        def(filterXMLAttr, "value", must{}, "autospace", true),
	}
	filters["count"] = filters["length"]
	filters["d"] = filters["default"]
	filters["e"] = filters["escape"]
	return filters
}

// soft is v as text; Markup stays Markup.
func soft(v any) any {
	if m, ok := v.(Markup); ok {
		return m
	}
	return str(v)
}

// like returns text as the type of v: Markup or str.
func like(v any, text string) any {
	if _, ok := v.(Markup); ok {
		return Markup(text)
	}
	return text
}

// textFilter makes a filter of a function on text.
func textFilter(f func(string) string) *builtin {
	return def(func(_ *render, a []any) any { return like(a[0], f(str(a[0]))) }, "value", must{})
}

func filterDefault(_ *render, a []any) any {
	if isUndefined(a[0]) || truth(a[2]) && !truth(a[0]) {
		return a[1]
	}
	return a[0]
}

func filterAttr(r *render, a []any) any {
	r.defined(a[0])
	if v, ok := r.own(a[0], r.string(a[1])); ok {
		return v
	}
	return &Undefined{of: a[0], name: a[1]}
}

func filterRandom(r *render, _ args) any {
	r.fail("TemplateRuntimeError", "random would render differently each time")
	return nil
}

func filterURLize(r *render, _ args) any {
	r.fail("TemplateRuntimeError", "the filter urlize is not supported: it makes HTML links")
	return nil
}

// A getter returns the attribute of items that a filter's argument names.
type getter func(v any) any

// attributeOf makes the getter of "a.b.0"; nil is the item itself.
func (r *render) attributeOf(path any, otherwise any) getter {
	if path == nil {
		return func(v any) any { return v }
	}
	var keys []any
	if s, ok := text(path); ok {
		for _, part := range strings.Split(s, ".") {
			keys = append(keys, number0(part))
		}
	} else {
		keys = []any{path}
	}
	return func(v any) any {
		for _, k := range keys {
			v = r.element(v, k)
			if isUndefined(v) && otherwise != nil {
				v = otherwise
			}
		}
		return v
	}
}

// folded makes text lower case, unless case matters.
func folded(v any, caseMatters bool) any {
	if s, ok := text(v); ok && !caseMatters {
		return lower(s)
	}
	return v
}
