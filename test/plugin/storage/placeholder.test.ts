import { expect, test } from "bun:test";
import { dollarPlaceholders, numberedPlaceholders } from "../../../src/plugin/storage/placeholder.ts";

test.each([
  ["select $2, $1", "select ?2, ?1"],
  ["select '$1', \"$2\", `$3`, [$4], $5", "select '$1', \"$2\", `$3`, [$4], ?5"],
  ["select 'it''s $1', $10 -- $2\n, $3 /* $4 */", "select 'it''s $1', ?10 -- $2\n, ?3 /* $4 */"],
  ["select :name, ?", "select :name, ?"],
])("%s is written for SQLite as %s", (sql, expected) => {
  expect(numberedPlaceholders(sql)).toBe(expected);
});

test.each([
  ["select ? where a = ?", "select $1 where a = $2"],
  ["select '?', \"?\", ? -- ?\n, ? /* ? */", "select '?', \"?\", $1 -- ?\n, $2 /* ? */"],
  ["select $$ ? $$, $tag$ ? $$ ? $tag$, ?", "select $$ ? $$, $tag$ ? $$ ? $tag$, $1"],
  ["select a[?]", "select a[$1]"],
])("%s is written for PostgreSQL as %s", (sql, expected) => {
  expect(dollarPlaceholders(sql)).toBe(expected);
});
