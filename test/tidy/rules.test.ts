import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as code from "./code.ts";
import * as imports from "./import.ts";
import { findForbiddenImports } from "./layer.ts";
import * as name from "./name.ts";
import { type Project, withProject } from "./project.ts";
import * as repository from "./repository.ts";
import * as size from "./size.ts";

const compilerOptions = {
  target: "ESNext",
  module: "ESNext",
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  noEmit: true,
};

// Put together here, because this file is searched for such paths too.
const home = ["", "home", "ada", ""].join("/");

/** A project that breaks each rule at least once, beside the nearest code that does not. */
const files: Readonly<Record<string, string>> = {
  "tsconfig.json": JSON.stringify({ compilerOptions, include: ["src", "test", "ui"] }),
  "bun.lock": '{ "packages": { "a": ["a@1.0.0", "https://registry.example.com/a.tgz"] } }',
  "src/main.ts": 'import "./plugin/index.ts";\nimport "./engine/engine.ts";\nimport "./route/left.ts";\n',
  "src/engine/engine.ts": 'import "../runtime/run.ts";\nimport "../json/text.ts";\nimport "../plugin/index.ts";\n',
  "src/runtime/run.ts": 'import "../service/journal/write.ts";\nimport "../service/store/open.ts";\n',
  "src/service/journal/write.ts": "",
  "src/service/store/open.ts": "",
  "src/service/store/memory.driver.ts": "",
  "src/json/text.ts": 'import type {} from "../port/cache.ts";\n',
  "src/port/cache.ts": 'import "../json/text.ts";\n',
  "src/plugin/index.ts": 'export * from "./cache/index.ts";\nexport * from "./http/router.ts";\n',
  "src/plugin/cache/index.ts": 'export { default as get } from "./get.step.ts";\nexport * from "./set.step.ts";\n',
  "src/plugin/cache/get.step.ts": 'import "../../service/store/memory.driver.ts";\nexport default 1;\n',
  "src/plugin/cache/set.step.ts": 'import "../http/router.ts";\nimport "../../service/store/open.ts";\n',
  "src/plugin/http/router.ts": "",
  "src/route/left.ts": 'import "./right.ts";\nimport type {} from "./type.ts";\nimport "./bare";\n',
  "src/route/right.ts": 'import "./left.ts";\nexport * from "./bare.ts";\nexport * from "node:path";\n',
  "src/route/type.ts": 'import type {} from "./left.ts";\n',
  "src/route/bare.ts": "",
  "src/route/index.ts": "",
  "src/route/query.sql": "select 1;\n",
  "src/scope/scope.ts": "setTimeout(() => undefined, 1);\n",
  "src/log/long.ts": "\n".repeat(400) + "0;\n",
  "src/log/edge.ts": `${"\n".repeat(399)}0;\n`,
  "src/log/wide.ts": `// ${"é".repeat(117)}\n// ${"é".repeat(118)}\n`,
  "src/log/function.ts": `function short() {${"\n".repeat(69)}}\nfunction long() {${"\n".repeat(70)}}\n`,
  "src/net/string_utils.ts": "export const baseUrl = 1;\nexport function encodeBase64() {}\nconst impl = 1;\n",
  "src/net/run.ts":
    "/** Runs. */\nexport class run {}\n/** Runs again. */\nexport class run2 {}\nexport type Sha256 = 1;\n",
  "src/schema/decode.ts":
    'export const a = 1 as unknown as "1"; // why\n\nconst b = 1 as number;\nconst c = [1] as const;\n',
  "src/time/assert.ts": "const a: number = [1][0]!;\n// why\nconst b = a as number;\n",
  "src/time/any.ts": 'const a: any = "any";\n// @ts-ignore\nconst b = "TODO"; // TODO (#12) and\n// TODO later\n',
  "src/time/catch.ts":
    "try {\n} catch {\n  // nothing\n}\nasync function a() {}\na().catch(() => {});\na();\nvoid a();\nexport {};\n",
  "src/error/timer.ts":
    "setInterval(() => 1, 1);\nglobalThis.setTimeout(() => 1);\nconst clock = { setTimeout() {} };\n",
  "src/error/place.ts": "clock.setTimeout();\ntype T = typeof setTimeout;\n// FIXME\nconst home = '" + home + "';\n",
  "test/pause.test.ts":
    'await Bun.sleep(1);\nmock.module("a", () => 1);\nfunction outer() {}\ndescribe("a", () => {\n' +
    "\n".repeat(90) +
    "});\n",
  "test/plugin/cache/get.step.test.ts": "",
  "ui/src/app.ts": 'import type {} from "../../src/management/api.ts";\nimport "../../src/management/api.ts";\n',
  "src/management/api.ts": "",
};

type Rule = (project: Project) => readonly string[] | Promise<readonly string[]>;
const expectations: readonly (readonly [string, Rule, readonly string[]])[] = [
  [
    "an import against the layers",
    findForbiddenImports,
    [
      "src/engine/engine.ts:3 -> src/plugin/index.ts",
      "src/json/text.ts:1 -> src/port/cache.ts",
      "src/plugin/cache/set.step.ts:1 -> src/plugin/http/router.ts",
      "src/plugin/cache/set.step.ts:2 -> src/service/store/open.ts",
      "src/plugin/index.ts:2 -> src/plugin/http/router.ts",
      "src/runtime/run.ts:2 -> src/service/store/open.ts",
      "ui/src/app.ts:2 -> src/management/api.ts",
    ],
  ],
  ["a circle of imports", imports.findCycles, ["src/route/left.ts <-> src/route/right.ts"]],
  [
    "a file that the program does not reach",
    imports.findDeadFiles,
    [
      "src/error/place.ts",
      "src/error/timer.ts",
      "src/json/path.sql",
      "src/log/edge.ts",
      "src/log/function.ts",
      "src/log/long.ts",
      "src/log/wide.ts",
      "src/management/api.ts",
      "src/net/run.ts",
      "src/net/string_utils.ts",
      "src/route/index.ts",
      "src/route/query.sql",
      "src/schema/decode.ts",
      "src/scope/scope.ts",
      "src/time/any.ts",
      "src/time/assert.ts",
      "src/time/catch.ts",
    ],
  ],
  ["an import without extension", imports.findBareImports, ["src/route/left.ts:3 ./bare"]],
  ["a re-export of an own file", imports.findBarrels, ['src/route/right.ts:2 "./bare.ts"']],
  ["an index outside the registries", imports.findStrayIndexes, ["src/route/index.ts"]],
  ["a file of 401 lines", size.findLongFiles, ["src/log/long.ts has 401 lines"]],
  ["a function of 71 lines", size.findLongFunctions, ["src/log/function.ts:71 has 71 lines"]],
  ["a line of 121 columns", size.findWideLines, ["src/log/wide.ts:2 has 121 columns"]],
  ["a folder of 31 files", size.findCrowdedFolders, ["test/many has 31 files"]],
  [
    "a banned word in a name",
    name.findBannedNames,
    ["src/net/string_utils.ts is a banned file name", "src/net/string_utils.ts:1 exports baseUrl"],
  ],
  ["a numbered twin", name.findNumberedTwins, ["src/net/run.ts has the twin run2"]],
  [
    "an export without a doc comment",
    name.findUndescribedExports,
    [
      "src/net/run.ts:5",
      "src/net/string_utils.ts:1",
      "src/net/string_utils.ts:2",
      "src/plugin/cache/get.step.ts:2",
      "src/schema/decode.ts:1",
    ],
  ],
  ["the type any", code.findAny, ["src/time/any.ts:1 any"]],
  [
    "an assertion outside the decode layers or without its reason",
    code.findAssertions,
    ["src/schema/decode.ts:3 1 as number", "src/time/assert.ts:1 [1][0]!", "src/time/assert.ts:3 a as number"],
  ],
  ["an empty catch", code.findEmptyCatches, ["src/time/catch.ts:2 catch {", "src/time/catch.ts:6 a().catch(() => {})"]],
  [
    "a bare timer",
    code.findBareTimers,
    [
      "src/error/timer.ts:1 setInterval",
      "src/error/timer.ts:2 globalThis.setTimeout",
      "test/pause.test.ts:1 Bun.sleep",
    ],
  ],
  ["a floating promise", code.findFloatingPromises, ["src/time/catch.ts:7"]],
  ["a module mock", code.findModuleMocks, ['test/pause.test.ts:2 mock.module("a", () => 1)']],
  [
    "a comment that silences the compiler or leaves work",
    code.findBadComments,
    ["src/error/place.ts:3 FIXME", "src/time/any.ts:2 @ts-ignore", "src/time/any.ts:4 TODO"],
  ],
  ["a component without a test", repository.findUntestedComponents, ["src/plugin/cache/set.step.ts"]],
  [
    "a folder of one machine",
    repository.findMachinePaths,
    [`src/error/place.ts names ${home}`, "src/json/path.sql names ROOT/"],
  ],
  ["a registry in a lockfile", repository.findRegistryHosts, ["bun.lock names https://registry.example.com"]],
];

let folder = "";
const found = new Map<string, readonly string[]>();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "tidy-")));
  for (const [path, text] of Object.entries(files)) await Bun.write(join(folder, path), text);
  for (let index = 0; index < 31; index += 1) await Bun.write(join(folder, "test/many", `part_${index}.txt`), "");
  await Bun.write(join(folder, "src/json/path.sql"), `${folder}/src`);
  await withProject(folder, async (project) => {
    for (const [fault, rule] of expectations) {
      found.set(
        fault,
        (await rule(project)).map((text) => text.replace(folder, "ROOT")),
      );
    }
  });
});

afterAll(() => rm(folder, { recursive: true }));

test.each(expectations)("%s is found, and nothing else", (fault, _rule, expected) => {
  expect(found.get(fault)).toEqual([...expected]);
});
