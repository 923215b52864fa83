import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../script/repository.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fresh-clone-"));
  const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const path of listed.stdout.toString().trim().split("\n")) cpSync(join(root, path), join(folder, path));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("start installs, builds and runs where no package was installed before", async () => {
  const command = [process.execPath, "script/start.ts", "-version"];
  const child = Bun.spawn(command, { cwd: folder, stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect([await child.exited, errors.includes("Could not resolve")]).toEqual([0, false]);
  expect(output).toMatch(/\nworkflow \d+\.\d+\.\d+ /);
}, 120_000);
