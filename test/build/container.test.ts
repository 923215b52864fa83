import { expect, test } from "bun:test";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { readManifest, root } from "../../script/repository.ts";

test("the image is built with the Bun that package.json names", async () => {
  const { devDependencies } = await readManifest();
  const dockerfile = await Bun.file(join(root, "Dockerfile")).text();
  expect(dockerfile.match(/oven\/bun:[\d.]+/g)).toEqual([`oven/bun:${devDependencies["bun"]}`]);
});

test("what the image copies is in the build context", async () => {
  const context = (await Bun.file(join(root, ".dockerignore")).text()).match(/(?<=^!).+/gm) ?? [];
  const dockerfile = await Bun.file(join(root, "Dockerfile")).text();
  const copied = [...dockerfile.matchAll(/COPY (?:--from=build )?((?:\/source\/)?[\w./-]+ )+/g)]
    .flatMap(([line]) =>
      line
        .replace(/COPY (--from=build )?/, "")
        .trim()
        .split(" "),
    )
    .map((path) => path.replace("/source/", ""))
    .filter((path) => path !== "." && path !== "dist/server");
  expect(copied.toSorted()).toEqual(["LICENSE", "bun.lock", "bunfig.toml", "docs/third-party.md", "package.json"]);
  expect(context).toEqual(expect.arrayContaining(copied));
});

test("continuous integration can run its script", () => {
  expect(() => accessSync(join(root, ".ci", "run"), constants.X_OK)).not.toThrow();
});
