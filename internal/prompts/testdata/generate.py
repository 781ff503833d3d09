"""Writes cases.json: what Jinja2 3.1.6 renders for the templates below.

    pip install jinja2==3.1.6 && python3 generate.py
"""
import json
import os
import jinja2

CONTEXT = {
    "project": {"name": "Keeper"},
    "identity_docs": [
        {"name": "IDENTITY", "path": "identity/IDENTITY.md", "content": "I am A.\n\n## Voice\nplain\n"},
        {"name": "artifacts/foo", "path": "identity/artifacts/foo.md", "content": "foo body"},
    ],
    "docs": {"IDENTITY": "I am A.", "artifacts/foo": "foo body"},
    "IDENTITY": "I am A.",
    "version": "dev",
    "variant": "full",
    "zebra": {"z": 1, "a": 2, "m": {"y": [1, 2.5, None, True], "b": "ü"}},
    "nums": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "text": "The quick brown fox jumps over the lazy dog.",
    "html": "<p class='x'>a & \"b\"</p>",
    "uni": "日本語 straße ÉCOLE naïve",
    "users": [
        {"name": "ann", "age": 30, "tags": ["a", "b"], "active": True},
        {"name": "Bob", "age": 25, "tags": [], "active": False},
        {"name": "cid", "age": 30, "tags": ["c"], "active": True},
    ],
    "empty": "",
    "big": 123456789012345678901234567890,
    "neg": -7,
    "pi": 3.14159,
}

PARTS = {
    "base.j2": "[{% block head %}H{% endblock %}|{% block body required %}{% endblock %}|{% block foot %}F {{ version }}{% endblock %}]",
    "mid.j2": "{% extends 'base.j2' %}{% block body %}mid {{ super is defined }}{% endblock %}{% block head %}M{{ super() }}{% endblock %}",
    "plain.j2": "A{% block one %}1{% endblock %}B{% block two %}2{{ x }}{% endblock %}C{{ self.one() }}",
    "macros.j2": "{% macro greet(n, mark='!') %}Hello {{ n }}{{ mark }}{% endmacro %}{% set motto = 'be kind' %}{% set _private = 1 %}{% macro outer() %}{{ version }}|{{ greet('x') }}{% endmacro %}text",
    "part.j2": "part {{ project.name }} {{ item }} {{ loop.index }}\n",
    "noloop.j2": "{{ item }}{{ y }}{% set y = 'changed' %}{{ y }}",
    "sub/deep.j2": "deep {% include 'part2.j2' %}",
    "part2.j2": "two",
    "recurse.j2": "{{ n }}{% if n > 0 %}{% set n = n - 1 %}{% include 'recurse.j2' %}{% endif %}",
    "endless.j2": "{% include 'endless.j2' %}",
}

SOURCES = r'''
{{ nums[-3] }} {{ nums[-1] }} {{ nums[-4] }}| {{ 'abc'[-3] }} {{ 'abc'[3] }}|
{{ nums[::-1] }} {{ nums[:2] }} {{ nums[-2:] }} {{ nums[5:] }} {{ nums[1:10] }} {{ nums[::2] }} {{ nums[-1:-4:-1] }} {{ 'hello'[1:-1] }} {{ uni[:3] }} {{ (1,2,3)[1:] }}
{{ uni[0] }} {{ uni[-1] }} {{ uni|length }} {{ uni|upper }} {{ uni|lower }} {{ uni|title }} {{ uni|capitalize }} {{ uni|reverse }}
{{ 'a-b-c'.replace('-', '+') }} {{ 'a-b-c'.replace('-', '+', 1) }} {{ 'abc'.replace('', '.') }} {{ 'x'.center(7) }}| {{ 'xy'.center(7, '*') }} {{ 'xy'.center(5, '*') }} {{ 'abc'.center(6, '-') }}
{{ ', '.join(['a','b']) }} {{ ''.join('abc') }} {{ '-'.join({'a':1,'b':2}) }}
{{ ', '.join([1,2]) }}
{{ 'abc'.ljust(5) }}|{{ 'abc'.rjust(5, '.') }}|{{ '42'.zfill(5) }}|{{ '-42'.zfill(5) }}|{{ 'a\tb'.expandtabs(4) }}|
{{ 'Hello'.swapcase() }} {{ 'hello wORLD'.title() }} {{ "they're bill's".title() }} {{ 'hELLO'.capitalize() }} {{ 'ß'.upper() }} {{ 'ǆ'.title() }} {{ 'ΑΣ'.lower() }} {{ 'Straße'.casefold() }}
{{ 'a b  c'.split() }} {{ ' a b  c '.split(' ') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b c '.split(None, 1) }} {{ ' a b c '.rsplit(None, 1) }} {{ ''.split() }} {{ ''.split(',') }}
{{ 'a\nb\r\nc'.splitlines() }} {{ 'a\nb\n'.splitlines(true) }} {{ 'k=v=w'.partition('=') }} {{ 'k=v=w'.rpartition('=') }} {{ 'kv'.partition('=') }} {{ 'kv'.rpartition('=') }}
{{ 'abcabc'.find('c') }} {{ 'abcabc'.rfind('c') }} {{ 'abc'.find('z') }} {{ 'abcabc'.count('bc') }} {{ 'abc'.index('b') }} {{ '日本語'.find('語') }} {{ 'abcabc'.find('a', 1) }} {{ 'aaa'.count('') }}
{{ 'abc'.index('z') }}
{{ 'prefix-x'.removeprefix('prefix-') }} {{ 'x.md'.removesuffix('.md') }} {{ 'abc'.startswith(('x','a')) }} {{ 'abc'.endswith('bc') }} {{ 'abc'.startswith('b', 1) }}
{{ '..a..'.strip('.') }} {{ '..a..'.lstrip('.') }} {{ '..a..'.rstrip('.') }} {{ 'xyax'.strip('xy') }} [{{ '\u00a0 a\u3000'.strip() }}]
{{ 'abc'.isalpha() }} {{ 'a1'.isalnum() }} {{ '12'.isdigit() }} {{ '²'.isdigit() }} {{ '½'.isnumeric() }} {{ '12'.isdecimal() }} {{ ' '.isspace() }} {{ 'Ab Cd'.istitle() }} {{ 'ABC'.isupper() }} {{ 'abc1'.islower() }} {{ ''.isalpha() }} {{ 'a_1'.isidentifier() }} {{ 'é'.isascii() }}
{{ '{} {}'.format('a', 1) }} {{ '{0}{1}{0}'.format('a', 'b') }} {{ '{x} {y!r}'.format(x=1, y='s') }} {{ '{:>5}|{:<5}|{:^5}|{:*^7}'.format('a','b','c','d') }} {{ '{:.2f} {:05d} {:,} {:+d} {:x} {:#x} {:b} {:e} {:%}'.format(3.14159, 42, 1234567, 5, 255, 255, 5, 12345.678, 0.25) }} {{ '{{}}'.format() }}
{{ '{a[name]} {a.name}'.format(a=users[0]) }} {{ '{:10.3f}|{:<10}|{:010.2f}'.format(pi, 3, -2.5) }} {{ '{:g} {:g} {:g} {:.3g}'.format(1e10, 0.0001, 100000, 1234.5) }} {{ '{!s:>6}'.format('a') }} {{ '{:{w}}|'.format('a', w=4) }} {{ '{:_}'.format(1234567) }} {{ '{:,.2f}'.format(1234567.891) }}
{{ '{}'.format() }}
{{ '%s %d %r' % ('a', 3, 'b') }} {{ '%05.2f|%5s|%-5s|%+d|%x|%%' % (3.14159, 'a', 'b', 5, 255) }} {{ '%s' % 'x' }} {{ '%(a)s-%(b)03d' % {'a': 'x', 'b': 7} }} {{ '%.3s' % 'abcdef' }} {{ '%e' % 12345.678 }} {{ '%g' % 0.00001 }} {{ '%c' % 'x' }} {{ '%i' % 3.9 }} {{ '%s' % ((1,2),) }} {{ '%s' % nums }}
{{ '%s %s' % ('a',) }}
{{ '%d' % 'x' }}
{{ '%s' % (1, 2) }}
{{ "%s, %s!"|format("Hello", "World") }} {{ '%(a)s'|format(a=3) }} {{ '%.2f'|format(pi) }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }} {{ -7 // -2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ neg // 2 }} {{ neg % 4 }} {{ -7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ 7 // 2.0 }} {{ -0.0 }} {{ 0 * -1.0 }}
{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ 2 ** 3 ** 2 }} {{ (-2) ** 2 }} {{ -2 ** 2 }} {{ 2 ** 100 }} {{ 10 ** 20 }} {{ 2.0 ** 3 }} {{ 0 ** 0 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ big }} {{ big + 1 }} {{ big // 7 }} {{ big % 7 }} {{ big * big }} {{ big / 3 }} {{ -big // 7 }} {{ big == big }} {{ big > 1 }} {{ 9223372036854775807 + 1 }} {{ 4611686018427387904 * 4 }}
{{ 1 + 2.5 }} {{ 'a' + 'b' }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [0] * 3 }} {{ 'a' * -1 }}| {{ true + 1 }} {{ 5 - 8 }} {{ 2 * 3.5 }} {{ +5 }} {{ -5|abs }} {{ -(5|abs) }} {{ 5 * -2 }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ [1] + (2,) }}
{{ none + 1 }}
{{ nope + 1 }}
{{ -nope }}
{{ nope.x }}
{{ nope() }}
{{ project.nope.x }}
{{ project.nope }}|{{ project['nope'] }}|{{ none.x }}|{{ nums.x }}|{{ nums['a'] }}|{{ (5).x }}|
{{ nope ~ 'a' }}{{ nope == nope2 }} {{ nope == none }} {{ nope is none }} {{ [nope] }} {{ nope|length }} {{ nope|list }} {{ nope|join }} {{ nope|upper }}|{{ nope|trim }}|{{ nope or 'x' }} {{ not nope }} {{ 'a' in nope }} {{ nope in [1] }}
{{ nope < 1 }}
{{ nope|int }}
{{ nope|sort }}{{ nope|first }}|{{ nope|default }}|{{ nope.a|default('d') }}
{{ none }} {{ None }} {{ true }} {{ True }} {{ false }} {{ False }} {{ [none, true] }} {{ {'a': none} }} {{ () }} {{ (1,) }} {{ [] }} {{ {} }} {{ (1, 'a') }} {{ 1, 2 }} {{ [(1, [2])] }}
{{ {'b': 1, 'a': 2} }} {{ {'b': 1, 'a': 2}|list }} {{ {1: 'x', true: 'y', 1.0: 'z'} }} {{ {(1,2): 3}[(1,2)] }} {{ {'a':{'b':[1,{'c':2}]}} }} {{ {'b': 1, 'a': 2}.items()|list }} {{ zebra }}
{% for k in zebra %}{{ k }} {% endfor %}{% for k, v in zebra.items() %}{{ k }}={{ v }};{% endfor %}{{ zebra.keys() }} {{ zebra.values()|list }} {{ zebra.items()|length }} {{ zebra.keys()|list }} {{ 'z' in zebra }} {{ 'z' in zebra.keys() }}
{{ zebra|dictsort|map('first')|join(',') }} {{ {'b':1,'A':2,'c':0}|dictsort }} {{ {'b':1,'A':2}|dictsort(true) }} {{ {'b':1,'A':2}|dictsort(by='value') }} {{ {'b':1,'A':2}|dictsort(reverse=true) }}
{{ {[1]: 2} }}
{{ {'a': 1}.get('a') }} {{ {'a': 1}.get('b') }} {{ {'a': 1}.get('b', 5) }} {% set d = {'a': 1} %}{% set _ = d.update({'b': 2}) %}{{ d }} {{ d.pop('a') }} {{ d }} {% set _ = d.setdefault('c', []).append(1) %}{{ d }} {{ d.copy() == d }} {{ dict(a=1, b=2) }} {{ dict([('x', 1)]) }} {{ dict({'a':1}, b=2) }}
{% set l = [3,1] %}{% set _ = l.append(2) %}{{ l }} {% do l %}
{% set l = [3,1] %}{% set _ = l.append(2) %}{{ l }} {% set _ = l.sort() %}{{ l }} {{ l.pop() }} {{ l }} {{ l.pop(0) }} {% set _ = l.extend([7,8]) %}{% set _ = l.insert(0, 'x') %}{{ l }} {{ l.index(7) }} {{ l.count(7) }} {% set _ = l.reverse() %}{{ l }} {% set _ = l.remove('x') %}{{ l }} {{ (1,2,1).count(1) }} {{ (1,2).index(2) }}
{{ "it's" }} {{ ["it's"] }} {{ ['a"b'] }} {{ ["a'b\"c"] }} {{ ['a\nb\t\\'] }} {{ ['é日\x01\u200b\U0001F600'] }} {{ ['\x7f\xa0\xad'] }} {{ 'a\x41\101\q\u00e9' }}
{{ 1.0 }} {{ 1.5e3 }} {{ 1e16 }} {{ 1e15 }} {{ 123456789.123 }} {{ 1e-4 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 1e300 * 1e10 }} {{ -1e300 * 1e10 }} {{ 100000000000000000000.0 }} {{ 1/3 }} {{ 2/1 }} {{ 1e22 }} {{ 5e-324 }} {{ 1.10 }}
{{ 0x1f }} {{ 0b101 }} {{ 0o17 }} {{ 1_000_000 }} {{ 1_0.5 }} {{ 00 }} {{ 1E3 }}
{{ 012 }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ (1,2) == [1,2] }} {{ 'a' == 1 }} {{ 1 != 2 }} {{ 2 >= 2 }} {{ 1 in [1,2] }} {{ 3 not in [1,2] }} {{ 'a' in 'abc' }} {{ not 1 in [1] }} {{ 1 == 1 == 1 }} {{ 5 > 3 == true }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ 1 in 5 }}
{{ 1 in 'abc' }}
{{ 'a' and 'b' }} {{ '' and 'b' }}| {{ 0 or 'x' }} {{ none or false }} {{ 1 and 0 or 2 }} {{ not '' }} {{ not not 5 }} {{ 'a' if 0 else 'b' if 0 else 'c' }} {{ 'x' if false }}| {{ ('a' if true) ~ 'b' }} {{ 1 if true else 2 if false else 3 }} {{ (1 or 2) and 3 }}
{{ 'a' 'b' "c" }} {{ 'a' ~ 1 ~ 2.0 ~ none ~ [1] }} {{ 1 ~ 2 + 3 }} {{ 1 + 2 ~ 3 }} {{ 2 * 3 ~ 4 }} {{ 'a'~'b'|upper }}
{{ nums|sort }} {{ words|sort }} {{ words|sort(case_sensitive=true) }} {{ words|sort(reverse=true) }} {{ users|sort(attribute='age,name')|map(attribute='name')|list }} {{ users|sort(attribute='name', reverse=true)|map(attribute='name')|join(' ') }} {{ users|sort(true, attribute='age')|map(attribute='name')|list }}
{{ [1,'a']|sort }}
{{ words|unique|list }} {{ words|unique(case_sensitive=true)|list }} {{ users|unique(attribute='age')|map(attribute='name')|list }} {{ words|min }} {{ words|max }} {{ nums|max }} {{ []|min }}| {{ users|max(attribute='age') }} {{ nums|sum }} {{ users|sum(attribute='age') }} {{ users|sum('age', 100) }} {{ [1.5, 2]|sum }} {{ [[1],[2]]|sum(start=[]) }}
{{ users|groupby('age') }} {% for g in users|groupby('age') %}{{ g.grouper }}:{{ g.list|length }};{{ g[0] }} {% endfor %}{% for age, list in users|groupby('age') %}{{ age }}={{ list|map(attribute='name')|join('+') }} {% endfor %}{{ [{'c':'B'},{'c':'a'},{'c':'b'}]|groupby('c') }} {{ [{'c':1},{}]|groupby('c', default=0)|length }}
{{ users|map(attribute='name')|list }} {{ words|map('upper')|list }} {{ words|map('replace', 'p', 'b')|join(' ') }} {{ users|map(attribute='x', default='-')|list }} {{ users|map(attribute='tags.0')|list }} {{ [[1,2],[3]]|map('length')|list }} {{ [1,2]|map('string')|list }} {{ nums|map('float')|list }}
{{ nums|select('odd')|list }} {{ nums|reject('odd')|list }} {{ users|selectattr('active')|map(attribute='name')|list }} {{ users|rejectattr('active')|map(attribute='name')|list }} {{ users|selectattr('age', '>', 26)|map(attribute='name')|list }} {{ users|selectattr('name', 'equalto', 'ann')|list|length }} {{ [0,1,'',none]|select|list }} {{ words|select('in', ['fig'])|list }} {{ [1,none]|reject('none')|list }} {{ users|selectattr('tags')|map(attribute='name')|join }} {{ nums|select('divisibleby', 3)|first }}
{{ nums|select('odd')|length }}
{{ nums|select('odd') is iterable }} {{ nums|map('string') is sequence }} {{ (nums|select('odd'))[0] }}| {% if nums|select('>', 10) %}truthy{% endif %} {% set g = nums|map('string') %}{{ g|list }}{{ g|list }} {% set g = nums|select %}{{ g|first }}{{ g|list }}
{{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3,4,5]|batch(2, 'x')|list }} {{ [1,2,3,4,5]|slice(2)|list }} {{ [1,2,3,4,5]|slice(3, '-')|list }} {{ []|batch(2)|list }} {{ [1]|slice(3)|list }}
{{ nums|first }} {{ nums|last }} {{ []|first }}| {{ 'abc'|last }} {{ 'abc'|first }} {{ {'a':1}|first }} {{ {'a':1,'b':2}|last }} {{ nums|reverse|list }} {{ 'abc'|reverse }} {{ (1,2)|reverse|list }} {{ {'a':1,'b':2}|reverse|list }} {{ 'abc'|list }} {{ {'a':1}|list }} {{ range(3)|list }} {{ range(5)[1:3] }} {{ range(3) }} {{ range(1,9,2) }} {{ range(5)|last }} {{ range(10)[-1] }} {{ 3 in range(5) }}
{{ nums|map('string')|last }}
{{ text|truncate(20) }}|{{ text|truncate(20, true) }}|{{ text|truncate(20, end='…') }}|{{ text|truncate(20, leeway=0) }}|{{ 'short'|truncate(3) }}|{{ 'short word'|truncate(5, false, '') }}|{{ uni|truncate(8, true, '.', 0) }}
{{ text|truncate(2) }}
{{ text|wordwrap(15) }}|{{ text|wordwrap(10, wrapstring='/') }}|{{ 'abcdefghijklmnop qr'|wordwrap(5) }}|{{ 'abcdefghijkl mn'|wordwrap(5, false) }}|{{ 'a\n\nb c'|wordwrap(79) }}|{{ 'well-known state-of-the-art things'|wordwrap(12) }}|{{ 'well-known state-of-the-art'|wordwrap(12, break_on_hyphens=false) }}|{{ '  lead and   inner'|wordwrap(8) }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(2, blank=true) }}|{{ 'a\nb'|indent('> ') }}|{{ 'a\nb\n'|indent(2) }}|{{ ''|indent(2, true) }}|{{ identity_docs[0].content|indent(4, first=true) }}|
{{ 'foo bar-baz (qux) o\'neil "x'|title }} {{ 'ǆ x'|title }} {{ 'HELLO wORLD'|capitalize }} {{ 'a'|center(5) }}| {{ ' a '|trim }}| {{ 'xax'|trim('x') }} {{ 'a b, c-d'|wordcount }} {{ uni|wordcount }} {{ "don't"|wordcount }}
{{ 3.7|int }} {{ '3.7'|int }} {{ 'x'|int }} {{ 'x'|int(5) }} {{ '0x1f'|int(base=16) }} {{ '1f'|int(0, 16) }} {{ ' 42 '|int }} {{ '1_000'|int }} {{ none|int(3) }} {{ true|int }} {{ '-5'|int }} {{ '1e3'|int }} {{ 'inf'|int }} {{ '3.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 3|float }} {{ '1e5'|float }} {{ none|float }} {{ [1]|int }} {{ '٣'|int }} {{ 12345678901234567890|int }} {{ '12345678901234567890'|int }}
{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 1234.567|round(-2) }} {{ 42|round }} {{ 42.7|round }} {{ 42.2|round(0, 'ceil') }} {{ 42.79|round(1, 'floor') }} {{ 1250|round(-2) }} {{ 1350|round(-2) }} {{ -2.5|round }} {{ 0.5|round|int }} {{ 3|round(1, 'ceil') }} {{ 5|abs }} {{ -5.5|abs }} {{ true|abs }}
{{ 1|filesizeformat }} {{ 100|filesizeformat }} {{ 1000|filesizeformat }} {{ 123456|filesizeformat }} {{ 1024|filesizeformat(true) }} {{ 123456789|filesizeformat(binary=true) }} {{ '3000'|filesizeformat }} {{ 1e30|filesizeformat }}
{{ {'b': 1, 'a': [true, none, 1.5, 'é<>&\'"\n']}|tojson }} {{ zebra|tojson }} {{ zebra|tojson(indent=2) }} {{ []|tojson }} {{ {}|tojson(2) }} {{ [[], {}]|tojson(indent=1) }} {{ '😀'|tojson }} {{ (1,2)|tojson }} {{ 1e20|tojson }} {{ {1: 2, 3: 4}|tojson }} {{ [1,[2]]|tojson(indent=4) }} {{ "\x7f\x00"|tojson }}
{{ nope|tojson }}
{{ {1: 1, 'a': 2}|tojson }}
{{ html|escape }} {{ html|e }} {{ html|safe }} {{ html|forceescape }} {{ html|striptags }} {{ '<a>x</a> <!-- c --> y   z &lt;'|striptags }} {{ html|e|e }} {{ html|e|forceescape }} {{ html|string }} {{ html|urlencode }} {{ 'a b/c?é'|urlencode }} {{ {'a b': 1, 'c': 'd/e'}|urlencode }} {{ [('x', 'y z')]|urlencode }} {{ {'class': 'a', 'id': none, 'x': 5}|xmlattr }} {{ {'a':'<'}|xmlattr(false) }}
{% autoescape true %}{{ html }} {{ html|safe }} {{ html ~ '<' }} {{ html|e }} {{ [html]|join('<') }} {{ ['<'|safe, '>']|join('&') }} {{ html|replace('a', '<') }} {{ {'a': '<'}|tojson }} {{ '<'|safe + '>' }} {{ '%s'|safe % '<' }} {{ ('<b>'|safe).upper() }} {{ ['<'] }} {% set x %}<{{ '<' }}{% endset %}{{ x }} {% macro m() %}<{{ '<' }}{% endmacro %}{{ m() }} {{ {'a':'<'}|xmlattr }} {{ ('<'|safe).format('x') }} {{ ('<{}'|safe).format('<') }}{% filter upper %}<a>{% endfilter %}{% endautoescape %}{{ html }}
{% autoescape false %}{{ html }}{{ '<'|e }}{{ '<'|e + '>' }}{{ ['<'|e] }}{% endautoescape %}
{{ 3 is odd }} {{ 4 is even }} {{ 'x' is string }} {{ 1 is number }} {{ 1.5 is float }} {{ 1 is integer }} {{ true is integer }} {{ true is boolean }} {{ true is number }} {{ none is none }} {{ nums is sequence }} {{ nums is iterable }} {{ zebra is mapping }} {{ 5 is iterable }} {{ 'a' is sequence }} {{ 'A' is upper }} {{ 'a' is lower }} {{ '1' is lower }} {{ 1 is eq 1 }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 2 is ge(2) }} {{ 3 is divisibleby 3 }} {{ 3 is divisibleby(2) }} {{ 'a' is in ['a'] }} {{ 'upper' is filter }} {{ 'nah' is filter }} {{ 'odd' is test }} {{ true is true }} {{ 1 is true }} {{ false is false }} {{ none is sameas none }} {{ 'x' is not string }} {{ x is defined }} {{ x is undefined }} {{ x is not defined }} {{ range is callable }} {{ 1 is callable }} {{ '<'|e is escaped }} {{ 1 is defined and 2 is defined }} {{ 5 is equalto 5 }} {{ 3 is greaterthan 2 }} {{ -1 is odd }}
{{ 1 is nosuch }}
{{ 1|nosuch }}
{% if false %}{{ 1|nosuch }}{% endif %}ok
{% for i in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a','b') }};{% endfor %}
{% for i in [1,2] %}{% for j in [3,4] %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{{ loop.index }}|{% endfor %}{{ loop }}{{ i }}
{% for i in [1,1,2] %}{{ loop.changed(i) }}{% endfor %} {% for a, b in [(1,2),(3,4)] %}{{ a }}{{ b }}{% endfor %} {% for a, (b, c) in [(1,(2,3))] %}{{ a }}{{ b }}{{ c }}{% endfor %} {% for i in nums if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% else %}none{% endfor %} {% for i in [] %}x{% else %}empty{% endfor %} {% for c in 'héy' %}{{ c }}.{% endfor %} {% for i in nums if i > 9 %}x{% else %}nothing{% endfor %}
{% for a, b in [(1,2,3)] %}{{ a }}{% endfor %}
{% for a, b in [1] %}{{ a }}{% endfor %}
{% for i in none %}{% endfor %}
{% for i in 5 %}{% endfor %}
{% for n in [[1,[2,[3]]]] recursive %}{% if n is iterable %}({{ loop.depth }}{{ loop(n) }}){% else %}{{ n }}{% endif %}{% endfor %}
{% set x = 1 %}{% for i in [1,2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }} {% if true %}{% set x = 9 %}{% endif %}{{ x }} {% with x = 3, y = x %}{{ x }}{{ y }}{% set z = 1 %}{% endwith %}{{ x }}{{ z }} {% with %}{% set x = 0 %}{{ x }}{% endwith %}{{ x }}
{% set ns = namespace(found=false, n=0) %}{% for i in nums %}{% if i == 1 %}{% set ns.found = true %}{% endif %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.found }} {{ ns.n }} {{ ns }} {% set a, b = 1, [2] %}{{ a }}{{ b }} {% set (c, d) = (3, 4) %}{{ c }}{{ d }} {{ ns.nope }}| {{ namespace({'a':1}, b=2).b }}
{% set d = {} %}{% set d.x = 1 %}
{% set t = 1, 2 %}{{ t }} {% set b | upper | replace('A', 'x') %}abca{% endset %}{{ b }} {% set s %}  {{ version }}  {% endset %}[{{ s }}] {{ s is string }} {% filter upper | trim %}  abc {{ 1 }}  {% endfilter %}|
{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(1, c=4) }} {{ m(1,2,3,4,5) }} {{ m(1, x=9) }} {{ m(*[1,2], **{'c': 3}) }} {{ m() }} {{ m.name }} {{ m.arguments }} {{ m }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro m(a) %}[{{ a }}]{{ a.x }}{% endmacro %}{{ m() }}
{% macro list(items) %}{% for i in items %}<{{ caller(i) }}>{% endfor %}{% endmacro %}{% call(x) list([1,2]) %}{{ x }}{{ version }}{% endcall %} {% macro w() %}[{{ caller() }}]{% endmacro %}{% call w() %}{% call w() %}in{% endcall %}{% endcall %} {% macro opt() %}{% if caller %}C{{ caller() }}{% else %}-{% endif %}{% endmacro %}{{ opt() }}{% call opt() %}z{% endcall %}
{% macro w() %}x{% endmacro %}{% call w() %}y{% endcall %}
{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% set x = 2 %}{{ m() }}{% for x in [7] %}{{ m() }}{% endfor %} {% macro fact(n) %}{% if n > 1 %}{{ n * fact(n-1)|int }}{% else %}1{% endif %}{% endmacro %}{{ fact(10) }}
{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}
{% import 'macros.j2' as m %}{{ m.greet('a') }} {{ m.motto }} {{ m._private }}| {{ m.outer() }} {% from 'macros.j2' import greet as g, motto %}{{ g('b', mark='?') }} {{ motto }} {{ m }} {% from 'macros.j2' import nope %}[{{ nope }}]
{% from 'macros.j2' import outer with context %}{{ outer() }} {% import 'macros.j2' as m without context %}{{ m.outer() }}
{% from 'macros.j2' import _private %}
{% import 'nosuch.j2' as m %}
{% for item in [1,2] %}{% include 'part.j2' %}{% endfor %}
{% for item in [1,2] %}{{ loop.index }}{% include 'part.j2' %}{% endfor %}
{% set item = 'i' %}{% set y = 'outer' %}{% include 'noloop.j2' %}{{ y }} {% include 'noloop.j2' without context %} {% include ['nosuch.j2', 'part2.j2'] %} {% include 'nosuch.j2' ignore missing %}| {% include ['a', 'b'] ignore missing with context %}| {% include 'sub/deep.j2' %} {% set f = 'part2' %}{% include f ~ '.j2' %}
{% include 'nosuch.j2' %}
{% include '../cases.json' %}
{% set n = 3 %}{% include 'recurse.j2' %}
{% include 'endless.j2' %}
{% extends 'base.j2' %}dropped{% block body %}B{% endblock %}{% block head %}{{ super() }}+{% endblock %}
{% extends 'mid.j2' %}{% set v = 'top' %}{% block body %}{{ v }} {{ super() }}{% endblock %}{% block head %}<{{ super() }}>{% endblock %}{% block foot %}{{ self.head() }}{% endblock %}
{% extends 'base.j2' %}
{% extends 'plain.j2' %}{% set x = 'X' %}{% block one %}{% set q = 5 %}{{ q }}{{ super() }}{% endblock %}
before {% extends 'base.j2' %} after {% block body %}{% for i in [1,2] %}{{ i }}{{ loop.last }}{% endfor %}{% endblock %}
{% if true %}{% extends 'plain.j2' %}{% endif %}{% block two %}t{% endblock %}
{% for i in [1,2] %}{% block b %}[{{ i }}]{% endblock %}{% endfor %}{% for i in [1,2] %}{% block c scoped %}[{{ i }}]{% endblock %}{% endfor %}
{% block a %}{{ super() }}{% endblock %}
{% block a %}x{% endblock %}{% block a %}y{% endblock %}
{% block a %}x{% endblock a %} {% block b %}{% block c %}n{% endblock %}{% endblock %}{{ self.a() }}{{ self.c() }}
a {#- c -#} b {# multi
line #}c{#
#}d {%- raw -%}  {{ x }}  {%- endraw -%}  e {%+ if true +%} f {%- endif %} g
  {%- if true -%}  x  {%- endif -%}  y{{- ' z ' -}}  w {{ '-' -}} v {{- -1 }} {{+1 }}
{% raw %}{% if %}{{ a }}{# b #}{% endraw %} {%raw%}{%endraw%}{%- raw %} k {% endraw +%} l
{{ "a{{b}}" }} {{ '}}' }} {{ {'a': {'b': 1}}['a']['b'] }} {% set x = {'a': '%}'} %}{{ x.a }}
{{ text[4:9]|upper|reverse ~ '!' }} {{ (nums|sort)[0] }} {{ nums|join(', ')|upper }} {{ users[0].tags|join('/') }} {{ users|map(attribute='name')|map('upper')|sort|join }} {{ -1|abs }} {{ 2**3|int }} {{ 'a,b'.split(',')|last }} {{ [1,2]|sum / 2 }} {{ 'x'|upper() }} {{ nums|length > 2 and 'many' }} {{ not nums|length == 3 }}
{{ users[0]['name'] }} {{ users.0.name }} {{ users[-1].age }} {{ docs['artifacts/foo'] }} {{ {'items': 5}['items'] }} {{ {'items': 5}.items is callable }} {{ {'a.b': 1}['a.b'] }} {{ {'get': 1}.get is callable }} {{ zebra.m.y.1 }} {{ zebra['m']['b'] }} {{ users|attr('x') }}|
{{ nums|join(',', attribute='x') }} {{ users|join(', ', attribute='name') }} {{ [1,none,true,1.5]|join('|') }} {{ 'abc'|join('-') }} {{ {'a':1}|join }} {{ ''|default('d') }}| {{ ''|default('d', true) }} {{ none|default('d') }} {{ none|d('d', boolean=true) }} {{ 0|default(5, true) }} {{ nope|default(none) }}
{{ cycler('a','b').next() }} {% set c = cycler('x','y') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set _ = c.reset() %}{{ c.current }} {% set j = joiner('; ') %}{% for i in nums %}{{ j() }}{{ i }}{% endfor %} {% set k = joiner() %}{{ k() }}a{{ k() }}b
{{ zebra|items|list }} {{ nope|items|list }} {{ zebra|length }} {{ zebra|count }} {{ 5|string ~ 'x' }} {{ none|string }} {{ [1]|string }} {{ 'a'|pprint }} {{ {'b': 1, 'a': 'x'}|pprint }} {{ [1,'a',none]|pprint }}
{{ 5|length }}
{{ none|list }}
{{ 5|join }}
{{ 'a'|replace('a', 1) }} {{ 123|replace(2, 'x') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 'abc'|upper|lower }} {{ 5|upper }} {{ none|upper }} {{ 'a'|center(3)|length }}
{{ (1).bit_length() }} {{ (2.0).is_integer() }} {{ 1.5.is_integer() }} {{ 'x'.nosuch }}|
{{ 'x'.nosuch() }}
{{ 'a'.upper(1) }}
{{ range(0) }} {{ range(3, 0, -1)|list }} {{ range(2)|map('string')|join }} {{ range(10)|sum }} {% for i in range(3, 9, 3) %}{{ i }}{% endfor %}
{{ range(1, 2, 0) }}
{% if nums %}a{% elif text %}b{% else %}c{% endif %}{% if not nums %}a{% elif text %}b{% endif %}{% if 0 %}{% elif 0 %}{% else %}c{% endif %}{% if nums and text or nope %}d{% endif %}{% if 'a', %}t{% endif %}
{% print 'a', 1 %}
{% if true: %}colon{% endif %} {{ [1,2,] }} {{ {'a':1,} }} {{ (1,2,) }} {{ range(3,)|list }}
{{ foo.bar. }}
{{ 1 +  }}
{% if x %}
{% for x in y %}{% endif %}
{% endif %}
{% nosuch %}
{{ 'abc }}
{{ (1 }}
{{ a } }}
{{ [1}} }}
{# open
{% raw %}open
{{
{{ }}
{{ x! }}
{{ 'a' is string is number }}
{% set 5 = x %}
{% set true = 1 %}
{% block a-b %}{% endblock %}
{% macro m(a=1, b) %}{% endmacro %}
{{ f(a=1, 2) }}
{% include %}
{% for x in [1] %}{% extends 'base.j2' %}{% endfor %}
{{ loop.index }}
{{ self.nope() }}
{{ lipsum is defined }} {{ dict is defined }} {{ _ is defined }} {{ gettext is defined }}
{{ [1,2,3]|tojson|length }} {{ 'a\\nb' }} {{ "\"" }} {{ 'tab	in' }} {{ "日\u672c" }}
{{ {'a':1} == {'a':1.0} }} {{ [1,[2]] == [1,[2]] }} {{ {'a':1,'b':2} == {'b':2,'a':1} }} {{ 'a' in {'a':1} }} {{ (1,) in [(1,)] }} {{ [1,2] > [1] }} {{ true > false }} {{ 1.5 == 3/2 }} {{ 'é' > 'z' }}
{{ '%5d|%-5d|%05d|%x|%o|%X' % (42, 42, -42, 255, 8, 255) }} {{ '%10.4f|%-8.2e|%G' % (pi, pi, 1e-10) }} {{ '%r %a' % ('é', 'é') }} {{ '%.0f %.0f' % (0.5, 1.5) }} {{ '%*d' % (5, 3) }} {{ '%#x' % 255 }} {{ '% d' % 5 }} {{ '%5.1f%%' % 99.55 }} {{ '%.3d' % 5 }}
{{ '{:d}'.format(true) }} {{ '{}'.format(true) }} {{ '{:5}|{:<5}|{:5}'.format(1, 2, 'a') }} {{ '{:^9.2f}'.format(pi) }} {{ '{:s}'.format('x') }} {{ '{:c}'.format(65) }} {{ '{:n}'.format(5) }} {{ '{:=+6d}'.format(5) }} {{ '{:08,d}'.format(1234) }} {{ '{:o}'.format(8) }} {{ '{:X}'.format(255) }} {{ '{:.1%}'.format(0.1234) }} {{ '{:5}|'.format(none|string) }} {{ '{:.3}'.format('abcdef') }} {{ '{:.3}'.format(3.14159) }} {{ '{:.2}'.format(100.0) }} {{ '{:5.1f}'.format(2) }}
{{ (5|map('upper')) is defined }} {% set g = 1.5|unique %}{% if neg|select('odd') %}never asked{% endif %} {{ '{}' % nums }} {{ 'x' % nope }} {{ '%s' % nope }} {{ true.bit_length() }} {{ nope|last }}| {{ project|truncate(6, true, '..', 0) }}
{{ docs[::2] }}
{{ nope[1:] }}
{{ 1e16 ** 1e3 }}
{{ 5|reverse }}
{{ 'a'|dictsort }}
{{ '{:d}'.format('x') }}
{{ '{:5}'.format(none) }}
{{ '{:5}'.format([1]) }}
{{ '{'.format() }}
{{ '{x}'.format() }}
{{ 1e-7 ** 3 }} {{ 0.1 ** 7 }} {{ 1.1 ** 300 }} {{ 2.5 ** -3 }} {{ 7 ** 0.5 }} {{ 3 ** 1.5 }} {{ 10 ** -5 }} {{ 1e3 ** 2.5 }} {{ (-1.5) ** 3 }} {{ 9 ** -0.5 }} {{ 1.0000001 ** 4000 }} {{ 1e-200 ** 2 }}
{{ '{:,}'.format('x') }}
{{ '{:+}'.format('x') }}
{{ '{:#}'.format('x') }}
{{ '{:d}'.format(1.0) }}
{{ '{:x}'.format(2.5) }}
{{ '{:,x}'.format(255) }}
{{ '{:_x} {:_d}'.format(65536, 65536) }} {{ '%+s|%#s|% s' % ('a', 'b', 'c') }}
{{ '%x' % nope }}
{{ '%d' % nope }}
{{ '%.1f' % nope }}
{{ '{:.2f}'.format(nope) }}
{{ 'a\n'.splitlines(',') }}
{{ 'a\n'.splitlines(1) }} {{ nums|tojson|length }} {{ (nums|tojson).split(',') }} {{ (nums|tojson).partition(',') }} {{ ('<'|e).join(['>', 1, ('a', 'b')]) }} {{ ('<b>'|e|last) ~ '<' }}
{{ 'abc'.replace('a', nope) }}
{{ 'abc'.count(nope) }}
{{ 'abc'.center(nope) }}
{{ nope|abs }}
{{ nope|round }}
{{ nope|round(1, 'floor') }}
{{ nope|indent }}
{{ nope in 'abc' }}
{{ 'ab' * 99999999999999999999 }}
{{ range(5, 0, -2).index(3) }} {{ range(4).count(2) }} {{ range(4).count('x') }}
{{ range(4).index(9) }}
{{ [1] in zebra.keys() }}
{{ zebra.keys() in zebra }}
{{ zebra.values() in zebra }}
'''

# Cases of several lines, and those whose ends matter.
NAMED = {
    "crlf.j2": "a\r\n{% if true %}\r\nb\r{{ 'x\r\ny' }}\n{% endif %}\r\n",
    "nonl.j2": "no newline",
    "twonl.j2": "two\n\n",
    "indent.j2": "{% for d in identity_docs %}\n  - {{ d.name }}:\n      {{ d.content | indent(6) }}\n{% endfor %}\n",
    "lines.j2": "{{ [\n  1,\n  2\n]\n| join(\n ', ') }}\n{%\n  set x = 1\n%}{{ x }}\n",
    "doc.j2": "# {{ project.name }}\n\n{% for d in identity_docs -%}\n## {{ d.name }}\n\n{{ d.content | trim }}\n{% if not loop.last %}\n---\n{% endif %}\n{%- endfor %}\n\n{%- if variant == 'full' %}\nFull.\n{%- else %}\nShort.\n{%- endif %}\n",
    "nbsp.j2": "a\u00a0\u2003{%- if true -%}\u3000b{%- endif %}\u0085{{- 'c' }}",
    "comment.j2": "a {# {{ x }} {% y %} #} b {#- x -#} c\n{#+ d +#}\ne",
    "bom.j2": "\ufeffa",
    "empty.j2": "",
    "nested.j2": "{% macro tree(n, d=0) %}{{ '  ' * d }}- {{ n.n }}\n{% for k in n.k %}{{ tree(k, d + 1) }}{% endfor %}{% endmacro %}{{ tree({'n': 'a', 'k': [{'n': 'b', 'k': [{'n': 'c', 'k': []}]}, {'n': 'd', 'k': []}]}) }}",
}


def main():
    templates = dict(PARTS)
    cases = list(NAMED)
    templates.update(NAMED)
    for i, source in enumerate(SOURCES.strip("\n").split("\n")):
        name = "case%03d.j2" % (i + 1)
        templates[name] = source
        cases.append(name)
    out = []
    env = jinja2.Environment(loader=jinja2.DictLoader(templates), keep_trailing_newline=True)
    for name in cases:
        try:
            out.append({"template": name, "expected": env.get_template(name).render(**CONTEXT)})
        except Exception as e:  # the class of the error is the expectation
            out.append({"template": name, "error": type(e).__name__})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"jinja2": jinja2.__version__, "context": CONTEXT, "templates": templates, "cases": out},
                  f, ensure_ascii=False, indent=1)
        f.write("\n")


main()
