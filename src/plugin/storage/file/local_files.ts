import { mkdir, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { prefixed, WorkflowError } from "../../../error/error.ts";
import { compareUtf8 } from "../../../json/key_order.ts";
import type { Content } from "../../../port/artifact_store.ts";
import type { FileEntry, FileStore } from "../../../port/file_store.ts";
import type { Clock } from "../../../time/clock.ts";
import { ConfinedDirectory, segmentsOf } from "./confined_directory.ts";
import { putInPlace, readContent, writeTemporary } from "./file_content.ts";

/** What a file store is made of. */
export interface LocalFilesOptions {
  readonly name: string;
  readonly path: string;
  readonly clock: Clock;
  readonly uuid: () => string;
}

/** Files below one directory of this machine. */
export class LocalFiles implements FileStore {
  readonly #options: LocalFilesOptions;
  #directory: ConfinedDirectory | undefined;

  constructor(options: LocalFilesOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#directory = await ConfinedDirectory.open(this.#options.path, this.#options.clock.now());
  }

  list(path: string): Promise<readonly FileEntry[]> {
    return this.#doing("list", path, async (directory) => {
      const segments = path === "" || path === "/" ? [] : segmentsOf(path);
      const folder = await directory.find(segments);
      if (folder === undefined) throw notFound();
      const entries: FileEntry[] = [];
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const isOurs = segments.length === 0 && directory.isReserved(entry.name);
        // Sockets, devices and links are neither files nor folders of the store.
        if (isOurs || (!entry.isFile() && !entry.isDirectory())) continue;
        entries.push(await describe([...segments, entry.name], join(folder, entry.name)));
      }
      return entries.sort((a, b) => compareUtf8(a.name, b.name));
    });
  }

  get(path: string, signal: AbortSignal): Promise<Content> {
    return this.#doing("get", path, async (directory) => {
      const file = await directory.find(segmentsOf(path));
      if (file === undefined) throw notFound();
      if (!(await stat(file)).isFile()) throw new WorkflowError("step.invalid_input", "is not a file");
      return readContent(file, signal);
    });
  }

  put(path: string, content: Content, signal: AbortSignal): Promise<void> {
    return this.#doing("put", path, async (directory) => {
      const target = await directory.prepare(segmentsOf(path));
      const temporary = directory.partial(this.#options.uuid());
      await writeTemporary(content, { temporary, signal });
      await putInPlace(temporary, target);
    });
  }

  delete(path: string): Promise<void> {
    return this.#doing("delete", path, async (directory) => {
      const segments = segmentsOf(path);
      const [found, entry] = [await directory.find(segments), await directory.entry(segments)];
      if (found === undefined || entry === undefined) throw notFound();
      // Of a link, the link itself goes and not what it leads to.
      await ((await stat(found)).isDirectory() && found === entry ? rmdir(entry) : unlink(entry));
    });
  }

  stat(path: string): Promise<FileEntry> {
    return this.#doing("stat", path, async (directory) => {
      const segments = segmentsOf(path);
      const found = await directory.find(segments);
      if (found === undefined) throw notFound();
      return describe(segments, found);
    });
  }

  mkdir(path: string): Promise<void> {
    return this.#doing("mkdir", path, async (directory) => {
      await mkdir(await directory.prepare(segmentsOf(path)), { recursive: true, mode: 0o750 });
    });
  }

  async #doing<T>(operation: string, path: string, work: (directory: ConfinedDirectory) => Promise<T>): Promise<T> {
    const prefix = `file store "${this.#options.name}": ${operation} ${JSON.stringify(path)}: `;
    if (this.#directory === undefined) throw new WorkflowError("module.failed", `${prefix}the store is not started`);
    try {
      return await work(this.#directory);
    } catch (error) {
      throw prefixed(prefix, error, "module.failed");
    }
  }
}

async function describe(segments: readonly string[], path: string): Promise<FileEntry> {
  const facts = await stat(path);
  const isFile = facts.isFile();
  return {
    name: segments.at(-1) ?? "",
    path: segments.join("/"),
    kind: isFile ? "file" : "folder",
    sizeBytes: isFile ? facts.size : 0,
    modifiedMs: facts.mtimeMs,
  };
}

function notFound(): WorkflowError {
  return new WorkflowError("module.not_found", "not found");
}
