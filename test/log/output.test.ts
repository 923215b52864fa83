import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lineFormatter } from "../../src/log/logger.ts";
import { LineOutput } from "../../src/log/output.ts";
import { Secret } from "../../src/log/secret.ts";
import { Scope } from "../../src/scope/scope.ts";

let folder = "";
let path = "";
let descriptor = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "output-"));
  path = join(folder, "log");
  descriptor = openSync(path, "w");
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

test("lines are held back for a moment and then written together", async () => {
  const output = new LineOutput(descriptor);
  output.write("one\n");
  output.write("zwei é\n");
  expect(readFileSync(path, "utf8")).toBe("");
  const moment = Promise.withResolvers<void>();
  new Scope("test").after("moment", 50, moment.resolve);
  await moment.promise;
  expect(readFileSync(path, "utf8")).toBe("one\nzwei é\n");
});

test("flush writes at once, and much text is written without waiting", () => {
  const output = new LineOutput(descriptor);
  output.write("one\n");
  output.flush();
  output.flush();
  expect(readFileSync(path, "utf8")).toBe("one\n");
  output.write("x".repeat(64 * 1024));
  expect(readFileSync(path, "utf8")).toHaveLength(4 + 64 * 1024);
});

test("records of two formats are written each in its own, in the order they came", () => {
  const output = new LineOutput(descriptor);
  const [text, json] = [output.sink(lineFormatter("text")), output.sink(lineFormatter("json"))];
  for (const sink of [text, json, text]) sink({ timeMs: 0, level: "info", message: "m", attributes: { n: 1 } });
  output.flush();
  expect(readFileSync(path, "utf8").split("\n")).toEqual([
    "time=1970-01-01T00:00:00.000Z level=INFO msg=m n=1",
    '{"time":"1970-01-01T00:00:00.000Z","level":"INFO","msg":"m","n":1}',
    "time=1970-01-01T00:00:00.000Z level=INFO msg=m n=1",
    "",
  ]);
});

test("a closed reader does not stop the program", () => {
  const other = openSync(path, "r");
  const output = new LineOutput(other);
  output.write("lost\n");
  expect(() => output.flush()).not.toThrow();
  closeSync(other);
});

test("a secret shows itself to nobody who does not ask for it", () => {
  const secret = new Secret("hunter2");
  expect(`${secret} ${JSON.stringify({ secret })} ${Bun.inspect(secret)}`).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});
