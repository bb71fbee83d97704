"""Functions that are written in jq itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from fakedocker.programs.jq.parser import parse
from fakedocker.programs.jq.scope import Closure, Scope

SOURCE: Final = """
def add: reduce .[] as $x (null; . + $x);
def add(f): reduce f as $x (null; . + $x);
def all: isempty(first(.[] | if . then empty else true end));
def all(f): isempty(first(.[] | if f then empty else true end));
def all(g; f): isempty(first(g | if f then empty else true end));
def any: isempty(first(.[] | if . then true else empty end)) | not;
def any(f): isempty(first(.[] | if f then true else empty end)) | not;
def any(g; f): isempty(first(g | if f then true else empty end)) | not;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def del(f): delpaths([path(f)]);
def finites: select(isinfinite or isnan | not);
def first: .[0];
def fromstream(f): {x: null, e: false} as $init
  | foreach f as $i ($init;
      if .e then $init else . end
      | if $i | length == 2
        then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
        else setpath(["e"]; $i[0] | length == 1) end;
      if .e then .x else empty end);
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def last: .[-1];
def last(f): reduce f as $x (null; $x);
def leaf_paths: paths(scalars);
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def normals: select(isnormal);
def nth(n): .[n];
def nth(n; f): if n < 0 then error("Out of bounds negative array index") else last(limit(n + 1; f)) end;
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def range($n): range(0; $n);
def recurse_down: recurse;
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p)
  | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def truncate_stream(stream): . as $n | null | stream | . as $input
  | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def walk(f): . as $in
  | if type == "object" then reduce keys_unsorted[] as $key ({}; . + {($key): ($in[$key] | walk(f))}) | f
    elif type == "array" then map(walk(f)) | f
    else f end;
def with_entries(f): to_entries | map(f) | from_entries;
def halt_error: halt_error(5);
def inputs: try repeat(input) catch if . == "break" then empty else error end;
"""


@cache
def definitions() -> Mapping[tuple[str, int], Closure]:
    """Return the functions by name and number of parameters; each sees all of them."""
    functions: dict[tuple[str, int], Closure] = {}
    scope = Scope({}, functions)
    node = parse(SOURCE)
    while node.kind == "def":
        name, parameters = node.value
        functions[name, len(parameters)] = Closure(node.parts[0], scope, parameters, name)
        node = node.parts[1]
    return functions
