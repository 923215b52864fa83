import { expect, test } from "bun:test";
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
  const { samples = [], use } = await fixtureOf(title.slice(title.indexOf(" ") + 1));
  const read = new Set<string>();
  const refusals = new Set<string>();
  for (const sample of [...samples, ...samplesOf(schema)]) {
    const { instance, problems } = buildFrom(component, sample, registry, read);
    for (const problem of problems) refusals.add(problem);
    if (instance !== undefined) await use?.(instance);
  }
  const unread = settingPaths(schema).filter((path) => !read.has(path));
  expect({ unread, refusals: unread.length === 0 ? [] : [...refusals] }).toEqual({ unread: [], refusals: [] });
});
