import { expect, test } from "bun:test";
import { parseSqliteDsn } from "../../../src/plugin/storage/sqlite_dsn.ts";

const usual = ["pragma busy_timeout = 5000", "pragma journal_mode = wal"];

test.each([
  ["./data/app.db", { path: "/w/data/app.db", access: "create", pragmas: usual, ignored: [] }],
  ["/abs/app.db", { path: "/abs/app.db", access: "create", pragmas: usual, ignored: [] }],
  [":memory:", { path: ":memory:", access: "create", pragmas: ["pragma busy_timeout = 5000"], ignored: [] }],
  [
    "file::memory:?cache=shared",
    { path: ":memory:", access: "create", pragmas: ["pragma busy_timeout = 5000"], ignored: ["cache"] },
  ],
  [
    "file:a%20b.db?mode=ro",
    { path: "/w/a b.db", access: "read", pragmas: ["pragma busy_timeout = 5000"], ignored: [] },
  ],
  ["file:///abs/a.db?mode=rw", { path: "/abs/a.db", access: "write", pragmas: usual, ignored: [] }],
  ["sqlite://a.db", { path: "/w/a.db", access: "create", pragmas: usual, ignored: [] }],
  [
    "a.db?_pragma=foreign_keys(1)&_pragma=journal_mode=DELETE&_busy_timeout=10",
    {
      path: "/w/a.db",
      access: "create",
      pragmas: ["pragma busy_timeout = 10", "pragma journal_mode = DELETE", "pragma foreign_keys = 1"],
      ignored: [],
    },
  ],
] as const)("%s", (dsn, expected) => {
  expect(parseSqliteDsn(dsn, "/w")).toEqual({
    ...expected,
    pragmas: [...expected.pragmas],
    ignored: [...expected.ignored],
  });
});

test.each([
  ["a.db?mode=x", 'dsn "a.db?mode=x": mode "x" is not known'],
  ["a.db?_pragma=x(1);drop", 'dsn "a.db?_pragma=x(1);drop": the pragma "x(1);drop" must be written as name(value)'],
  ["file:%ff", 'dsn "%ff" is not a valid URI'],
])("%s is refused", (dsn, message) => {
  expect(() => parseSqliteDsn(dsn, "/w")).toThrow(message);
});
