import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generators } from "../script/generator/all.ts";
import { findStale, type Generator, writeStale } from "../script/generator/generator.ts";
import { listShipped } from "../script/generator/lockfile.ts";
import { root } from "../script/repository.ts";

test("every generated file is what its generator makes now (else: bun run generate)", async () => {
  expect(await findStale(root, generators)).toEqual([]);
});

describe("a generated file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "generated-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const page: Generator = { path: "docs/page.md", make: async () => "new\n" };

  test("that is missing is stale", async () => {
    expect(await findStale(folder, [page])).toEqual(["docs/page.md"]);
  });

  test("that differs is stale until it is written", async () => {
    await Bun.write(join(folder, "docs/page.md"), "old\n");
    expect(await writeStale(folder, [page])).toEqual(["docs/page.md"]);
    expect(await Bun.file(join(folder, "docs/page.md")).text()).toBe("new\n");
    expect(await findStale(folder, [page])).toEqual([]);
  });

  test("that is current is not written again", async () => {
    await Bun.write(join(folder, "docs/page.md"), "new\n");
    expect(await writeStale(folder, [page])).toEqual([]);
  });
});

test("a lockfile yields the packages its production dependencies need, each copy once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lockfile-"));
  const lock = `{
    "workspaces": { "": { "dependencies": { "send": "1.0.0" }, "devDependencies": { "lint": "1.0.0" } } },
    "packages": {
      "@scope/peer": ["@scope/peer@4.0.0", "", {}, "sha512-a"],
      "lint": ["lint@1.0.0", "", { "dependencies": { "debug": "3.0.0" } }, "sha512-b"],
      "debug": ["debug@3.0.0", "", {}, "sha512-c"],
      "optional": ["optional@1.0.0", "", {}, "sha512-d"],
      "send": ["send@1.0.0", "", {
        "dependencies": { "debug": "2.0.0" },
        "peerDependencies": { "@scope/peer": "4", "optional": "1" },
        "optionalPeers": ["optional"],
      }, "sha512-e"],
      "send/debug": ["debug@2.0.0", "", { "dependencies": { "send": "1.0.0" } }, "sha512-f"],
    },
  }`;
  await Bun.write(join(folder, "bun.lock"), lock);
  const shipped = await listShipped(folder);
  await rm(folder, { recursive: true });
  expect(shipped).toEqual([
    { name: "send", version: "1.0.0", folder: `${folder}/node_modules/send` },
    { name: "debug", version: "2.0.0", folder: `${folder}/node_modules/send/node_modules/debug` },
    { name: "@scope/peer", version: "4.0.0", folder: `${folder}/node_modules/@scope/peer` },
  ]);
});
