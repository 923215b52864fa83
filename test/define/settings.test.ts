import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../script/repository.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { buildFrom, componentsOf, settingsOf, titleOf } from "./build.ts";
import { fixtureOf } from "./fixture.ts";
import { settingPaths } from "./recorder.ts";
import { samplesOf } from "./sample.ts";

// A setting that is accepted and ignored is a lie to its user. Each component is built from samples of its settings that
// note what is read; a name that is taken out of the settings and then not used is an error of the linter.

const registry = makeRegistry();
const components = componentsOf(registry).map((component) => [titleOf(component), component] as const);

test.each(components)("%s reads each of its settings", async (title, component) => {
  const schema = settingsOf(component);
  const { samples = [], use, elsewhere = {} } = await fixtureOf(title.slice(title.indexOf(" ") + 1));
  const read = new Set<string>();
  const refusals = new Set<string>();
  for (const sample of [...samples, ...samplesOf(schema)]) {
    const { instance, problems } = buildFrom(component, sample, registry, read);
    for (const problem of problems) refusals.add(problem);
    if (instance !== undefined) await use?.(instance);
  }
  for (const path of Object.keys(elsewhere)) expect(read.has(path) ? `${path} is read here` : path).toBe(path);
  const unread = settingPaths(schema).filter((path) => !read.has(path) && !isShown(path, elsewhere));
  expect({ unread, refusals: unread.length === 0 ? [] : [...refusals] }).toEqual({ unread: [], refusals: [] });
});

/** Whether the test that a fixture names exists and sets the key. */
function isShown(path: string, elsewhere: Readonly<Record<string, string>>): boolean {
  const file = Object.hasOwn(elsewhere, path) ? elsewhere[path] : undefined;
  if (file === undefined) return false;
  const key = path.slice(path.lastIndexOf(".") + 1);
  return existsSync(join(root, file)) && readFileSync(join(root, file), "utf8").includes(`${key}:`);
}
