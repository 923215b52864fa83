import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { prefixed, WorkflowError } from "../../../error/error.ts";
import { encodeJsonLine } from "../../../json/encode.ts";
import { asMap, ownValue } from "../../../json/map.ts";
import { compareUtf8 } from "../../../json/key_order.ts";
import type { Artifact, ArtifactStore, Content, UploadOptions } from "../../../port/artifact_store.ts";
import type { Clock } from "../../../time/clock.ts";
import { formatRfc3339Nano } from "../../../time/rfc3339.ts";
import { ConfinedDirectory, segmentsOf } from "./confined_directory.ts";
import { putInPlace, readContent, writeTemporary } from "./file_content.ts";
import { fileErrorCode } from "./file_error.ts";

/** Ending of the file beside an artifact that holds what is known of it. */
const sidecarEnding = ".meta";

/** Most artifacts that one listing gives; the caller holds them all. */
const listedMax = 10_000;

/** What a store of files is made of. */
export interface FileArtifactsOptions {
  readonly name: string;
  readonly path: string;
  /** 0 for no limit. */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly uuid: () => string;
}

/** Artifacts as files below a directory, each with `<file>.meta` beside it. */
export class FileArtifacts implements ArtifactStore {
  readonly name: string;
  readonly #options: FileArtifactsOptions;
  readonly #turns = new Map<string, Promise<unknown>>();
  #directory: ConfinedDirectory | undefined;

  constructor(options: FileArtifactsOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#directory = await ConfinedDirectory.open(this.#options.path, this.#options.clock.now());
  }

  upload(key: string, content: Content, { metadata, signal }: UploadOptions): Promise<Artifact> {
    return this.#doing("Upload", key, async (directory) => {
      const segments = keySegments(key);
      const { clock, uuid } = this.#options;
      const temporary = directory.partial(uuid());
      const checkSize = (sizeBytes: number): void => this.#checkSize(sizeBytes);
      const sizeBytes = await writeTemporary(content, { temporary, signal, checkSize });
      const modifiedMs = clock.now();
      const facts = encodeJsonLine({ size: sizeBytes, modified: formatRfc3339Nano(modifiedMs), metadata });
      const sidecar = directory.partial(uuid());
      await this.#inTurn(segments.join("/"), async () => {
        try {
          const target = await directory.prepare(segments);
          await refuseFolder(target);
          await writeTemporary(textContent(facts), { temporary: sidecar, signal });
          await putInPlace(temporary, target);
          await putInPlace(sidecar, target + sidecarEnding);
        } finally {
          // Gone when they are in place, and what is left of a failure otherwise.
          await rm(temporary, { force: true });
          await rm(sidecar, { force: true });
        }
      });
      return { key: segments.join("/"), sizeBytes, modifiedMs, metadata };
    });
  }

  download(key: string, signal: AbortSignal): Promise<{ readonly artifact: Artifact; readonly content: Content }> {
    return this.#doing("Download", key, async (directory) => {
      const segments = keySegments(key);
      const path = await directory.find(segments);
      const artifact = path === undefined ? undefined : await this.#describe(segments.join("/"), path);
      if (path === undefined || artifact === undefined) throw new WorkflowError("module.not_found", "not found");
      return { artifact, content: readContent(path, signal) };
    });
  }

  list(prefix: string, signal: AbortSignal): Promise<readonly Artifact[]> {
    return this.#doing("List", prefix, async (directory) => {
      const wanted = prefix.replace(/^\/+/, "");
      const above = wanted.slice(0, wanted.lastIndexOf("/") + 1);
      const segments = above === "" ? [] : segmentsOf(above.slice(0, -1));
      const folder = await directory.find(segments);
      if (folder === undefined) return [];
      const found: Artifact[] = [];
      for await (const [key, path] of this.#filesBelow(folder, above, wanted)) {
        signal.throwIfAborted();
        if (found.length === listedMax)
          throw new WorkflowError("step.failed", `more than ${listedMax} artifacts; use a longer prefix`);
        const artifact = await this.#describe(key, path);
        if (artifact !== undefined) found.push(artifact);
      }
      return found.sort((a, b) => compareUtf8(a.key, b.key));
    });
  }

  delete(key: string): Promise<void> {
    return this.#doing("Delete", key, async (directory) => {
      const segments = keySegments(key);
      const path = await directory.entry(segments);
      if (path === undefined) return;
      await refuseFolder(path);
      await this.#inTurn(segments.join("/"), async () => {
        await rm(path, { force: true });
        await rm(path + sidecarEnding, { force: true });
      });
    });
  }

  exists(key: string): Promise<boolean> {
    return this.#doing("Exists", key, async (directory) => {
      const path = await directory.find(keySegments(key));
      return path !== undefined && (await stat(path)).isFile();
    });
  }

  #checkSize(sizeBytes: number): void {
    const { bytesMax } = this.#options;
    if (bytesMax === 0 || sizeBytes <= bytesMax) return;
    throw new WorkflowError("step.invalid_input", `size ${sizeBytes} exceeds limit ${bytesMax}`, { status: 413 });
  }

  async #doing<T>(operation: string, key: string, work: (directory: ConfinedDirectory) => Promise<T>): Promise<T> {
    const prefix = `artifact store "${this.name}": ${operation} ${JSON.stringify(key)}: `;
    if (this.#directory === undefined) throw new WorkflowError("module.failed", `${prefix}the store is not started`);
    try {
      return await work(this.#directory);
    } catch (error) {
      throw prefixed(prefix, error, "step.failed");
    }
  }

  /** One change of a key at a time, so that content and metadata belong together. */
  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    // The next one waits for the end of this one, however it ends.
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    }
  }

  /** The facts of an artifact; undefined when there is no file, or one that cannot be an artifact. */
  #describe(key: string, path: string): Promise<Artifact | undefined> {
    return this.#inTurn(key, async () => {
      const file = await stat(path).catch(missing);
      if (file === undefined || !file.isFile()) return undefined;
      const facts = await readSidecar(path + sidecarEnding);
      // A file that was replaced without its sidecar has none.
      const isCurrent = ownValue(facts, "size") === file.size;
      const modifiedMs = Date.parse(String(ownValue(facts, "modified")));
      return {
        key,
        sizeBytes: file.size,
        modifiedMs: isCurrent && !Number.isNaN(modifiedMs) ? modifiedMs : file.mtimeMs,
        metadata: isCurrent ? textsOf(ownValue(facts, "metadata")) : {},
      };
    });
  }

  /** Files whose key begins with the prefix, as key and path. Links are not followed: they may form circles. */
  async *#filesBelow(folder: string, above: string, prefix: string): AsyncGenerator<readonly [string, string]> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (above === "" && this.#directory?.isReserved(entry.name) === true) continue;
      const key = above + entry.name;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (prefix.startsWith(`${key}/`) || key.startsWith(prefix)) yield* this.#filesBelow(path, `${key}/`, prefix);
      } else if (entry.isFile() && key.startsWith(prefix) && !key.endsWith(sidecarEnding)) {
        yield [key, path];
      }
    }
  }
}

/** The parts of a key; no part may look like the file with the facts of another artifact. */
function keySegments(key: string): readonly string[] {
  const segments = segmentsOf(key);
  if (segments.some((segment) => segment.endsWith(sidecarEnding)))
    throw new WorkflowError("step.invalid_input", `must not have parts that end in "${sidecarEnding}"`);
  return segments;
}

async function refuseFolder(path: string): Promise<void> {
  const facts = await stat(path).catch(missing);
  if (facts?.isDirectory() === true) throw new WorkflowError("step.invalid_input", "is a folder of other artifacts");
}

function missing(error: unknown): undefined {
  const code = fileErrorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return undefined;
  throw error;
}

async function readSidecar(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch(missing);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Written by something else, or cut off: an artifact without metadata is better than none.
    return undefined;
  }
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asMap(value)).map(([key, text]) => [key, String(text)]));
}

async function* textContent(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
