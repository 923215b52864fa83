import { expect, test } from "bun:test";
import { formatJsonLine, formatTextLine } from "../../src/log/line.ts";
import type { LogRecord } from "../../src/log/logger.ts";
import { Secret } from "../../src/log/secret.ts";

const record = (message: string, attributes: LogRecord["attributes"] = {}): LogRecord => ({
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  level: "info",
  message,
  attributes,
});
const head = "time=2026-01-02T03:04:05.006Z level=INFO";

class Loop {
  readonly self = this;
}

test.each([
  ["started", {}, "msg=started"],
  ["Admin UI on http://localhost:8081", {}, 'msg="Admin UI on http://localhost:8081"'],
  ["a=b", {}, 'msg="a=b"'],
  ['say "hi"', {}, 'msg="say \\"hi\\""'],
  ["", {}, 'msg=""'],
  ["two\nlines", {}, 'msg="two\\nlines"'],
  ["back\\slash", {}, 'msg="back\\\\slash"'],
  ["\u001b[31mred", {}, 'msg="\\u001b[31mred"'],
  ["größe=12µs", {}, 'msg="größe=12µs"'],
  ["größe", {}, "msg=größe"],
  ["注文", {}, "msg=注文"],
  ["注文 1", {}, 'msg="注文 1"'],
  ["no\u00a0break", {}, 'msg="no\u00a0break"'],
  ["half\ud800", {}, "msg=half\ud800"],
  ['注"', {}, 'msg="注\\""'],
  ["x", { n: 5, ok: true, big: 12n, nothing: null, gone: undefined }, "msg=x n=5 ok=true big=12 nothing=null"],
  ["x", { error: new Error("it broke"), map: { a: [1] } }, 'msg=x error="it broke" map="{\\"a\\":[1]}"'],
  [
    "x",
    { key: new Secret("hunter2"), deep: { key: new Secret("hunter2") } },
    'msg=x key=*** deep="{\\"key\\":\\"***\\"}"',
  ],
])("%j is a text line", (message, attributes, expected) => {
  expect(formatTextLine(record(message, attributes))).toBe(`${head} ${expected}\n`);
});

test("a line of text can be faked by no message and no value", () => {
  const line = formatTextLine(record("x\ntime=2026 level=ERROR msg=fake", { a: 'b" level=ERROR c="' }));
  expect(line.match(/\n/g)).toHaveLength(1);
  expect(line).toBe(`${head} msg="x\\ntime=2026 level=ERROR msg=fake" a="b\\" level=ERROR c=\\""\n`);
});

test("frozen attributes say the same in every line that has them, and others do not replace them", () => {
  const kept = Object.freeze({ module: "log", status: 200 });
  const lines = [kept, { status: 404 }, kept, kept].map((attributes) => formatTextLine(record("x", attributes)));
  expect(lines.map((line) => line.slice(head.length))).toEqual([
    " msg=x module=log status=200\n",
    " msg=x status=404\n",
    " msg=x module=log status=200\n",
    " msg=x module=log status=200\n",
  ]);
});

test("a value inside frozen attributes may change between two lines", () => {
  const changing = { n: 1 };
  const kept = Object.freeze({ changing });
  const first = formatTextLine(record("x", kept));
  changing.n = 2;
  expect([first, formatTextLine(record("x", kept))]).toEqual([
    `${head} msg=x changing="{\\"n\\":1}"\n`,
    `${head} msg=x changing="{\\"n\\":2}"\n`,
  ]);
});

test("a JSON line holds time, level, message and the attributes", () => {
  const attributes = {
    n: 5,
    error: new Error("it broke"),
    big: 12n,
    key: new Secret("hunter2"),
    map: { a: 1 },
    gone: undefined,
  };
  expect(formatJsonLine(record("hello\n", attributes))).toBe(
    '{"time":"2026-01-02T03:04:05.006Z","level":"INFO","msg":"hello\\n",' +
      '"n":5,"error":"it broke","big":"12","key":"***","map":{"a":1}}\n',
  );
});

test("no attribute replaces what the record says itself", () => {
  expect(formatJsonLine(record("real", { level: "DEBUG", msg: "fake", time: 0 }))).toBe(
    '{"time":"2026-01-02T03:04:05.006Z","level":"INFO","msg":"real","level_":"DEBUG","msg_":"fake","time_":0}\n',
  );
});

test("a value that cannot be printed does not lose the record", () => {
  expect(formatTextLine(record("x", { loop: new Loop() }))).toMatch(/ msg=x loop="\(not printable: [^\n]+\)"\n$/);
  expect(JSON.parse(formatJsonLine(record("x", { n: 1, loop: new Loop() })))).toMatchObject({
    msg: "x",
    n: 1,
    loop: expect.stringMatching(/^\(not printable: /),
  });
});
