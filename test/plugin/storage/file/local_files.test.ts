import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalFiles } from "../../../../src/plugin/storage/file/local_files.ts";
import { systemClock } from "../../../../src/time/clock.ts";

const directory = mkdtempSync(join(tmpdir(), "workflow-files-"));
const root = join(directory, "root");
const store = new LocalFiles({ name: "files", path: root, clock: systemClock, uuid: () => crypto.randomUUID() });
const { signal } = new AbortController();

async function* content(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function textOf(path: string): Promise<string> {
  let text = "";
  for await (const part of await store.get(path, signal)) text += Buffer.from(part).toString();
  return text;
}

beforeAll(async () => {
  await store.start();
  writeFileSync(join(directory, "secret"), "secret");
  symlinkSync(join(directory, "secret"), join(root, "link"));
  symlinkSync(directory, join(root, "out"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("what is put can be got, listed and told about", async () => {
  await store.put("a/b.txt", content("one ", "two"), signal);
  expect(await textOf("a/b.txt")).toBe("one two");
  expect(await store.stat("/a/b.txt")).toMatchObject({ name: "b.txt", path: "a/b.txt", kind: "file", sizeBytes: 7 });
  expect(await store.list("a")).toMatchObject([{ name: "b.txt", path: "a/b.txt", kind: "file", sizeBytes: 7 }]);
  expect(await store.list("")).toMatchObject([{ name: "a", path: "a", kind: "folder", sizeBytes: 0 }]);
});

test("a file whose content fails stays as it was", async () => {
  await store.put("kept", content("before"), signal);
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("after");
    throw new Error("cut off");
  }
  await expect(store.put("kept", failing(), signal)).rejects.toThrow(`file store "files": put "kept": cut off`);
  expect(readFileSync(join(root, "kept"), "utf8")).toBe("before");
  expect(readdirSync(join(root, ".partial"))).toEqual([]);
});

test("an aborted write ends with the signal's reason and leaves nothing", async () => {
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(store.put("never", content("x"), stopped)).rejects.toThrow("stopped");
  await expect(store.stat("never")).rejects.toThrow("not found");
  expect(readdirSync(join(root, ".partial"))).toEqual([]);
});

test("folders are made and deleted when they are empty", async () => {
  await store.mkdir("x/y");
  await store.mkdir("x/y");
  await expect(store.delete("x")).rejects.toThrow(`file store "files": delete "x": `);
  await store.delete("x/y");
  await store.delete("x");
  await expect(store.stat("x")).rejects.toThrow(`file store "files": stat "x": not found`);
});

describe.each(["../secret", "a/../../secret", "out/secret", "link", ".partial", ".partial/x"])("%s", (path) => {
  test.each([
    ["get", () => store.get(path, signal)],
    ["stat", () => store.stat(path)],
    ["delete", () => store.delete(path)],
    ["list", () => store.list(path)],
  ] as const)("is refused by %s", async (operation, act) => {
    await expect(act()).rejects.toThrow(`file store "files": ${operation} ${JSON.stringify(path)}: `);
    expect(readFileSync(join(directory, "secret"), "utf8")).toBe("secret");
  });
});

test.each(["../new", "out/new", "out/new/deep"])("nothing is written to %s", async (path) => {
  await expect(store.put(path, content("x"), signal)).rejects.toThrow(`put "${path}": `);
  await expect(store.mkdir(path)).rejects.toThrow(`mkdir "${path}": `);
  expect(readdirSync(directory).sort()).toEqual(["root", "secret"]);
});

test("a path that ends in a slash or means the root is refused, and a folder is no file", async () => {
  mkdirSync(join(root, "folder"));
  await expect(store.get("folder", signal)).rejects.toThrow("is not a file");
  await expect(store.get("folder/", signal)).rejects.toThrow("must not be empty or have empty parts");
  await expect(store.delete("/")).rejects.toThrow("must not be empty or have empty parts");
});
