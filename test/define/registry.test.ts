import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../script/repository.ts";
import { definePlugin, defineStep } from "../../src/define/define.ts";
import { buildRegistry } from "../../src/define/registry.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { type FieldSchema, Type } from "../../src/schema/field.ts";
import { outputOf } from "../../src/schema/output.ts";
import { buildFrom, componentsOf, settingsOf, titleOf } from "./build.ts";
import { samplesOf } from "./sample.ts";

const registry = makeRegistry();
const components = componentsOf(registry).map((component) => [titleOf(component), component] as const);

describe("a component file", () => {
  const glob = new Bun.Glob("src/plugin/*/**/*.{module,step,trigger,workflow,secret}.ts");
  const files = [...glob.scanSync(root)].sort();

  test.each(files)("%s is exported by the index of its family", async (file) => {
    const definition: unknown = (await import(join(root, file))).default;
    const family: Record<string, unknown> = await import(join(root, file.split("/").slice(0, 3).join("/"), "index.ts"));
    const isExported = definition !== undefined && Object.values(family).includes(definition);
    expect(isExported ? file : `${file} is not in the index`).toBe(file);
  });

  test.each(files.filter((file) => !file.endsWith(".secret.ts")))("%s has a test of the same name", (file) => {
    const test = file.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts");
    expect(existsSync(join(root, test)) ? test : `${test} is missing`).toBe(test);
  });
});

test("every family is registered", async () => {
  const folders = [...new Bun.Glob("src/plugin/*/index.ts").scanSync(root)];
  expect(registry.families).toHaveLength(folders.length);
});

test("families, plugins and their other names are all different", () => {
  const names = registry.families.flatMap(({ plugin }) => [plugin.name, ...(plugin.aliases ?? [])]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("a name that two components have is refused", () => {
  const plugin = definePlugin({ name: "p", version: "1.0.0", summary: "P.", capabilities: [] });
  const step = defineStep({
    type: "step.twice",
    summary: "S.",
    category: "pipeline",
    effect: "pure",
    config: Type.Object({}),
    output: outputOf([]),
    build: () => () => ({}),
  });
  expect(() => buildRegistry([{ plugin, definitions: [step, step] }], [])).toThrow(
    'component name "step.twice" is used once',
  );
});

test.each([
  ["module", "http.serve", "http.server"],
  ["step", "step.sett", "step.set"],
  ["trigger", "htp", "http"],
  ["workflow", "htttp", "http"],
] as const)("of the %s types, the one nearest to %s is %s", (kind, name, near) => {
  expect(registry.nearest(kind, name)).toBe(near);
});

test("a section of workflows is found by its key and by the prefix of its key", () => {
  expect(registry.workflow("http")?.key).toBe("http");
  expect(registry.workflow("http-admin")?.key).toBe("http");
  expect(registry.workflow("httpadmin")).toBeUndefined();
});

test("a module is found by its other names", () => {
  expect(registry.module("httpserver.modular")?.type).toBe("http.server");
});

test.each([...registry.unavailable.values()].map(({ type, reason }) => [type, reason]))(
  "%s is not registered and says what to use instead",
  (type, reason) => {
    expect(registry.module(type) ?? registry.step(type)).toBeUndefined();
    expect(registry.trigger(type.replace(/^trigger\./, ""))).toBeUndefined();
    expect(registry.workflow(type.replace(/^workflow\./, ""))).toBeUndefined();
    expect(reason).toMatch(/^[a-z`GA].{20,160}[^.]$/);
  },
);

test.each(components)("%s describes itself and every setting with full sentences", (_title, component) => {
  expect(component.summary).toMatch(/\.$/);
  expect(undescribed(settingsOf(component), "")).toEqual([]);
});

/** Paths of settings whose description is missing or does not end with a full stop. */
function undescribed(schema: FieldSchema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const path = `${prefix}${key}`;
    const inner = [field, field.items, ...Object.values(field.patternProperties ?? {})];
    const own = field.description?.endsWith(".") === true ? [] : [path];
    return [...own, ...inner.flatMap((part) => (part === undefined ? [] : undescribed(part, `${path}.`)))];
  });
}

test.each(components)("%s decodes each of its defaults without a word", (_title, component) => {
  for (const sample of samplesOf(settingsOf(component)).slice(0, 2)) {
    const { problems, warnings } = buildFrom(
      component,
      withDefaults(sample, settingsOf(component)),
      registry,
      new Set(),
    );
    const aboutDefaults = [...problems, ...warnings].filter((text) => text.startsWith("config."));
    expect(aboutDefaults).toEqual([]);
  }
});

/** The sample with every default as written in the schema; settings without one keep the sample's value. */
function withDefaults(sample: Readonly<Record<string, unknown>>, schema: FieldSchema): Record<string, unknown> {
  const defaults = Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
    field.default === undefined ? [] : [[key, field.default] as const],
  );
  return { ...sample, ...Object.fromEntries(defaults) };
}
