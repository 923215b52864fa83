import { existsSync } from "node:fs";
import { join } from "node:path";

/** What the proof needs beside the generated samples, for components that read settings only later or together. */
export interface SettingsFixture {
  /** Further settings to build with. */
  readonly samples?: readonly Readonly<Record<string, unknown>>[];
  /**
   * Settings that are read by another part of the program, each with the test file, relative to the repository's root,
   * in which changing only this key changes something.
   */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Uses what was built, so that settings are read which building leaves alone. */
  use?(instance: unknown): void | Promise<void>;
}

/** The fixture `test/define/fixture/<type>.ts`, when there is one. */
export async function fixtureOf(type: string): Promise<SettingsFixture> {
  const path = join(import.meta.dir, "fixture", `${type}.ts`);
  if (!existsSync(path)) return {};
  const module: unknown = await import(path);
  if (typeof module === "object" && module !== null && "default" in module && isFixture(module.default))
    return module.default;
  throw new Error(`${path} has no default export that is a fixture`);
}

function isFixture(value: unknown): value is SettingsFixture {
  return typeof value === "object" && value !== null && ["samples", "use", "elsewhere"].some((key) => key in value);
}
