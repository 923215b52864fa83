import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTextFile } from "../../src/config/read_text.ts";
import { failureOf } from "./fixture.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "read-text-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(bytes: Uint8Array | string): string {
  const path = join(folder, "a.yaml");
  writeFileSync(path, bytes);
  return path;
}

test("a file is read as UTF-8, without its byte order mark", () => {
  expect(readTextFile(write("\ufeffa: é\n"))).toBe("a: é\n");
});

test.each([
  ["a byte of Latin-1", Buffer.from("a: 1\nb: caf\xe9\n", "latin1"), "a.yaml:2:1: yaml: bytes that are not UTF-8"],
  ["a cut character", Buffer.from([0x61, 0x3a, 0x20, 0xc3]), "a.yaml:1:1: yaml: bytes that are not UTF-8"],
  ["UTF-16", Buffer.from("\ufeffa: 1\n", "utf16le"), "a.yaml:1:1: yaml: UTF-16 text"],
])("%s is refused with its line", (_what, bytes, expected) => {
  const path = write(bytes);
  expect(failureOf(() => readTextFile(path, "a.yaml")).problems).toEqual([`${expected} (save the file as UTF-8)`]);
});

test("a file of exactly 5 MiB is read, and one byte more is refused", () => {
  expect(readTextFile(write("#".repeat(5 * 1024 * 1024)))).toHaveLength(5 * 1024 * 1024);
  const path = write("#".repeat(5 * 1024 * 1024 + 1));
  expect(failureOf(() => readTextFile(path, "a.yaml")).message).toBe("a.yaml is larger than 5 MiB");
});

test("an endless device is given up", () => {
  expect(failureOf(() => readTextFile("/dev/zero")).message).toBe("/dev/zero is larger than 5 MiB");
});

test("what the file system says is passed on", () => {
  expect(() => readTextFile(join(folder, "missing.yaml"))).toThrow("ENOENT");
});
