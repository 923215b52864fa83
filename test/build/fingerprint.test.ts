import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rename, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint } from "../../script/fingerprint.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fingerprint-"));
  await Bun.write(join(folder, "src/a.ts"), "one");
  await Bun.write(join(folder, "src/b/c.ts"), "two");
  await Bun.write(join(folder, "bun.lock"), "locked");
});
afterEach(() => rm(folder, { recursive: true }));

const take = (facts: readonly string[] = ["1.0.0"]): Promise<string> =>
  fingerprint(folder, ["src", "bun.lock", "missing"], facts);

test.each([
  ["a changed file", () => Bun.write(join(folder, "src/b/c.ts"), "too")],
  ["a new file", () => Bun.write(join(folder, "src/d.ts"), "")],
  ["a renamed file", () => rename(join(folder, "src/a.ts"), join(folder, "src/z.ts"))],
  ["a removed file", () => rm(join(folder, "bun.lock"))],
  [
    "text that moves from one file to the next",
    async () => {
      await Bun.write(join(folder, "src/a.ts"), "on");
      await Bun.write(join(folder, "src/b/c.ts"), "etwo");
    },
  ],
])("%s changes the fingerprint", async (_name, change) => {
  const before = await take();
  await change();
  expect(await take()).not.toBe(before);
});

test.each([
  ["a touched file", () => utimes(join(folder, "src/a.ts"), 1, 1)],
  ["a file outside", () => Bun.write(join(folder, "test/a.test.ts"), "new")],
  ["an installed package", () => Bun.write(join(folder, "src/node_modules/a/index.js"), "new")],
  ["a build result", () => Bun.write(join(folder, "src/dist/index.js"), "new")],
])("%s does not change the fingerprint", async (_name, change) => {
  const before = await take();
  await change();
  expect(await take()).toBe(before);
});

test("another version changes the fingerprint", async () => {
  expect(await take(["1.0.1"])).not.toBe(await take(["1.0.0"]));
});
