import { mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WorkflowError } from "../../error/error.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import { type CatalogueEntry, catalogueEntry, searchCatalogue } from "./catalogue.ts";

/** An entry of the catalogue and whether it is installed here. */
export interface PluginState extends CatalogueEntry {
  readonly installed: boolean;
  /** RFC 3339; absent when it is not installed. */
  readonly installedAt?: string;
}

/**
 * Which plugins are marked as installed: each by a file `plugins/<name>/.installed` in the data directory, which holds
 * the time. Only names of the catalogue become part of a path.
 */
export class Installations {
  readonly #runtime: RuntimeServices;

  constructor(runtime: RuntimeServices) {
    this.#runtime = runtime;
  }

  async stateOf(entry: CatalogueEntry): Promise<PluginState> {
    const installedAt = await this.#installedAt(entry.name);
    return installedAt === undefined ? { ...entry, installed: false } : { ...entry, installed: true, installedAt };
  }

  async installed(): Promise<readonly PluginState[]> {
    const all = searchCatalogue({ query: "", category: "", tags: [] });
    const states = await Promise.all(all.map((entry) => this.stateOf(entry)));
    return states.filter((state) => state.installed);
  }

  /** Installing again keeps the time of the first. */
  async install(name: string): Promise<void> {
    const entry = catalogueEntry(name);
    if ((await this.#installedAt(entry.name)) === undefined) await this.#mark(entry.name);
  }

  async uninstall(name: string): Promise<void> {
    const entry = findEntry(name);
    if (entry === undefined || (await this.#installedAt(entry.name)) === undefined) throw notInstalled(name);
    await rm(this.#marker(entry.name), { force: true });
    await rmdir(this.#folder(entry.name)).catch((error: unknown) => ignore(error, "ENOTEMPTY", "ENOENT"));
  }

  /** Marks the plugin anew, with the time of now. */
  async update(name: string): Promise<PluginState> {
    const entry = catalogueEntry(name);
    if ((await this.#installedAt(entry.name)) === undefined) throw notInstalled(name);
    await this.#mark(entry.name);
    return this.stateOf(entry);
  }

  #folder(name: string): string {
    return join(this.#runtime.dataDir, "plugins", name);
  }

  #marker(name: string): string {
    return join(this.#folder(name), ".installed");
  }

  async #installedAt(name: string): Promise<string | undefined> {
    const text = await readFile(this.#marker(name), "utf8").catch((error: unknown) =>
      ignore(error, "ENOENT", "ENOTDIR"),
    );
    return text?.trim();
  }

  async #mark(name: string): Promise<void> {
    await mkdir(this.#folder(name), { recursive: true });
    const temporary = `${this.#marker(name)}.${this.#runtime.uuid()}`;
    await writeFile(temporary, `${formatRfc3339(this.#runtime.clock.now())}\n`);
    await rename(temporary, this.#marker(name));
  }
}

function findEntry(name: string): CatalogueEntry | undefined {
  return searchCatalogue({ query: name, category: "", tags: [] }).find((entry) => entry.name === name);
}

function notInstalled(name: string): WorkflowError {
  return new WorkflowError("module.not_found", `plugin "${name}" is not installed`);
}

function ignore(error: unknown, ...codes: readonly string[]): undefined {
  if (error instanceof Error && "code" in error && codes.some((code) => code === error.code)) return undefined;
  throw error;
}
