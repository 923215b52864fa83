import { parseProgram } from "../parser.ts";
import type { DefinitionSyntax } from "../syntax.ts";

/** Functions written in the language itself, read when a program calls them. */
const sources: ReadonlyMap<string, string> = new Map([
  ["values/0", "def values: select(. != null);"],
  ["nulls/0", "def nulls: select(. == null);"],
  ["booleans/0", 'def booleans: select(type == "boolean");'],
  ["numbers/0", 'def numbers: select(type == "number");'],
  ["strings/0", 'def strings: select(type == "string");'],
  ["arrays/0", 'def arrays: select(type == "array");'],
  ["objects/0", 'def objects: select(type == "object");'],
  ["iterables/0", 'def iterables: select(type | . == "array" or . == "object");'],
  ["scalars/0", 'def scalars: select(type | . != "array" and . != "object");'],
  ["finites/0", "def finites: select(isfinite);"],
  ["normals/0", "def normals: select(isnormal);"],
  ["isfinite/0", 'def isfinite: type == "number" and (isinfinite | not);'],
  ["isvalid/1", "def isvalid(f): try (f | true) catch false;"],
  ["first/0", "def first: .[0];"],
  ["last/0", "def last: .[-1];"],
  ["nth/1", "def nth($n): .[$n];"],
  ["in/1", "def in(xs): . as $x | xs | has($x);"],
  ["inside/1", "def inside(xs): . as $x | xs | contains($x);"],
  ["recurse/2", "def recurse(f; cond): recurse(f | select(cond));"],
  ["recurse_down/0", "def recurse_down: recurse;"],
  ["with_entries/1", "def with_entries(f): to_entries | map(f) | from_entries;"],
  ["paths/0", "def paths: path(..) | select(length > 0);"],
  ["paths/1", "def paths(f): . as $in | paths | select(. as $p | $in | getpath($p) | f);"],
  ["leaf_paths/0", "def leaf_paths: paths(scalars);"],
  [
    "walk/1",
    'def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;',
  ],
  ["dateadd/2", "def dateadd(u; n): . + n;"],
  ["datesub/2", "def datesub(u; n): . - n;"],
  [
    "combinations/0",
    "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;",
  ],
  ["combinations/1", "def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;"],
  [
    "tostream/0",
    "def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q " +
      "([$p, .]; [$p + $q]);",
  ],
  [
    "fromstream/1",
    "def fromstream(f): {x: null, e: false} as $init | foreach f as $i ($init; " +
      "if .e then $init else . end | if $i | length == 2 " +
      'then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1]) ' +
      'else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end);',
  ],
  [
    "truncate_stream/1",
    "def truncate_stream(stream): . as $n | null | stream | . as $input | " +
      "if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;",
  ],
  ["INDEX/1", "def INDEX(f): INDEX(.[]; f);"],
  ["INDEX/2", "def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);"],
  ["IN/1", "def IN(s): any(s == .; .);"],
  ["IN/2", "def IN(src; s): any(src == s; .);"],
  ["JOIN/2", "def JOIN($idx; f): [.[] | [., $idx[f]]];"],
  ["JOIN/3", "def JOIN($idx; stream; f): stream | [., $idx[f]];"],
  ["JOIN/4", "def JOIN($idx; stream; f; join): stream | [., $idx[f]] | join;"],
]);

/** The definition of a function by name and number of arguments, such as `walk/1`. */
export function definitionOf(key: string): DefinitionSyntax | undefined {
  const source = sources.get(key);
  if (source === undefined) return undefined;
  const syntax = parseProgram(`${source} .`);
  return syntax.kind === "def" ? syntax : undefined;
}

/** The functions written in the language. */
export function libraryNames(): readonly string[] {
  return Array.from(sources.keys());
}
