import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
