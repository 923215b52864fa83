import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../script/repository.ts";
import { defineModule } from "../../src/define/define.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { count, Type } from "../../src/schema/field.ts";
import { componentsOf, titleOf } from "./build.ts";
import { fixtureOf } from "./fixture.ts";
import { readingOf } from "./unread.ts";

// A setting that is accepted and ignored is a lie to its user. Each component is built from samples of its settings
// that note what is read; a name that is taken out of the settings and then not used is an error of the linter.

const registry = makeRegistry();
const components = componentsOf(registry).map((component) => [titleOf(component), component] as const);

test.each(components)("%s reads each of its settings", async (title, component) => {
  const fixture = await fixtureOf(title.slice(title.indexOf(" ") + 1));
  const { read, unread, refusals } = await readingOf(component, registry, fixture);
  const needless = Object.keys(fixture.elsewhere ?? {}).filter((path) => read.has(path));
  const missing = unread.filter((path) => !isShown(path, fixture.elsewhere ?? {}));
  const reasons = missing.length === 0 ? [] : refusals;
  expect({ unread: missing, refusals: reasons, needless }).toEqual({ unread: [], refusals: [], needless: [] });
});

/** Whether the test that a fixture names exists and sets the key. */
function isShown(path: string, elsewhere: Readonly<Record<string, string>>): boolean {
  const file = Object.hasOwn(elsewhere, path) ? elsewhere[path] : undefined;
  if (file === undefined) return false;
  const key = path.slice(path.lastIndexOf(".") + 1);
  return existsSync(join(root, file)) && readFileSync(join(root, file), "utf8").includes(`${key}:`);
}

describe("a module that ignores a setting is found out", () => {
  const described = { description: "D." };
  const inner = Type.Object({ used: count(described), unused: count(described) }, described);
  const config = Type.Object({
    used: count(described),
    unused: count({ ...described, default: 1 }),
    map: inner,
    list: Type.Array(inner, described),
    names: Type.Record(Type.String(), inner, described),
    note: Type.String({ description: "Note for readers; not used.", default: "" }),
  });
  const facts = { type: "t", summary: "T.", category: "http", config } as const;

  test("at any depth", async () => {
    const module = defineModule({
      ...facts,
      create(_context, { used, map, list, names }) {
        const all = [map, ...list, ...Object.values(names)];
        return { service: { total: all.reduce((total, part) => total + part.used, used) } };
      },
    });
    const { unread } = await readingOf(module, registry, {});
    expect(unread).toEqual(["unused", "map.unused", "list[].unused", "names.*.unused"]);
  });

  test("unless using what was built reads it", async () => {
    const module = defineModule({ ...facts, create: (_context, settings) => ({ service: { settings } }) });
    const use = (instance: unknown) => void JSON.stringify(instance);
    expect((await readingOf(module, registry, {})).unread).toContain("used");
    expect((await readingOf(module, registry, { use })).unread).toEqual([]);
  });
});
