import type { Registry } from "../../src/define/registry.ts";
import { buildFrom, type Component, settingsOf } from "./build.ts";
import type { SettingsFixture } from "./fixture.ts";
import { settingPaths } from "./recorder.ts";
import { samplesOf } from "./sample.ts";

/** What a component left unread of its settings, and why samples of them were refused. */
export interface Reading {
  readonly read: ReadonlySet<string>;
  readonly unread: readonly string[];
  readonly refusals: readonly string[];
}

/** Builds a component from every sample of its settings and gathers what it reads. */
export async function readingOf(component: Component, registry: Registry, fixture: SettingsFixture): Promise<Reading> {
  const schema = settingsOf(component);
  const read = new Set<string>();
  const refusals = new Set<string>();
  for (const sample of [...(fixture.samples ?? []), ...samplesOf(schema)]) {
    const { instance, problems } = buildFrom(component, sample, registry, read);
    for (const problem of problems) refusals.add(problem);
    if (instance !== undefined) await fixture.use?.(instance);
  }
  return { read, unread: settingPaths(schema).filter((path) => !read.has(path)), refusals: [...refusals] };
}
