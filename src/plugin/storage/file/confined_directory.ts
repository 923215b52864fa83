import { mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { WorkflowError } from "../../../error/error.ts";
import { fileErrorCode } from "./file_error.ts";

/** Folder below the root for files that are being written; renaming from it replaces a file at once. */
const partialFolder = ".partial";

/** Age at which a file that was never completed is taken for the rest of a crash. */
const partialAgeMaxMs = 24 * 60 * 60 * 1000;

const pathBytesMax = 1024;

// Most file systems allow 255 bytes in a name; the rest is for what a store adds to it.
const segmentBytesMax = 250;

/**
 * The segments of a relative path, without leading slashes: those never lead to the root of the machine. Nothing is
 * decoded, so `%2e%2e` is a name like any other. Throws `step.invalid_input` for what could lead elsewhere.
 */
export function segmentsOf(path: string): readonly string[] {
  const segments = path.replace(/^\/+/, "").split("/");
  const fault = faultOf(path, segments);
  if (fault !== undefined) throw new WorkflowError("step.invalid_input", fault);
  return segments;
}

function faultOf(path: string, segments: readonly string[]): string | undefined {
  if (Buffer.byteLength(path) > pathBytesMax) return `must not be longer than ${pathBytesMax} bytes`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\\\u0000-\u001f\u007f]/.test(path)) return "must not contain backslashes or control characters";
  if (segments[0] === partialFolder) return `must not begin with "${partialFolder}"`;
  for (const segment of segments) {
    if (segment === "") return "must not be empty or have empty parts";
    if (segment === "." || segment === "..") return `must not contain "${segment}"`;
    if (Buffer.byteLength(segment) > segmentBytesMax) return `must not have parts longer than ${segmentBytesMax} bytes`;
  }
  return undefined;
}

/**
 * A directory that paths are resolved in, and never out of: neither by their text nor by symbolic links. Links that
 * stay inside are followed.
 */
export class ConfinedDirectory {
  /** Absolute, without symbolic links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Opens a directory, which is created when it is missing, and removes what a crash left unfinished. */
  static async open(path: string, nowMs: number): Promise<ConfinedDirectory> {
    try {
      await mkdir(join(path, partialFolder), { recursive: true, mode: 0o750 });
    } catch (cause) {
      const code = fileErrorCode(cause);
      if (code !== "EEXIST" && code !== "ENOTDIR") throw cause;
      throw new WorkflowError("start.failed", `"${path}" is not a directory`, { cause });
    }
    const directory = new ConfinedDirectory(await realpath(path));
    await directory.#removeOldPartials(nowMs);
    return directory;
  }

  /** Where to write a file before it is renamed to its place. */
  partial(id: string): string {
    return join(this.path, partialFolder, id);
  }

  /** Whether a name at the root belongs to the directory itself. */
  isReserved(name: string): boolean {
    return name === partialFolder;
  }

  /** The real path of something that exists; undefined when it does not. */
  async find(segments: readonly string[]): Promise<string | undefined> {
    return this.#real(join(this.path, ...segments));
  }

  /** The path of an entry itself, a link not followed, in a folder that exists; undefined when the folder does not. */
  async entry(segments: readonly string[]): Promise<string | undefined> {
    const folder = await this.find(segments.slice(0, -1));
    return folder === undefined ? undefined : join(folder, segments.at(-1) ?? "");
  }

  /** The path of an entry to write, whose folders are created one by one: none is ever created outside. */
  async prepare(segments: readonly string[]): Promise<string> {
    let folder = this.path;
    for (const segment of segments.slice(0, -1)) folder = await this.#enter(join(folder, segment), segment);
    return join(folder, segments.at(-1) ?? "");
  }

  async #enter(path: string, segment: string): Promise<string> {
    try {
      await mkdir(path, { mode: 0o750 });
    } catch (error) {
      if (fileErrorCode(error) !== "EEXIST") throw error;
    }
    const real = await this.#real(path);
    if (real === undefined) throw outside();
    if (!(await stat(real)).isDirectory())
      throw new WorkflowError("step.invalid_input", `"${segment}" is a file, not a folder`);
    return real;
  }

  async #real(path: string): Promise<string | undefined> {
    let real: string;
    try {
      real = await realpath(path);
    } catch (error) {
      const code = fileErrorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      if (code === "ELOOP") throw outside();
      throw error;
    }
    if (real !== this.path && !real.startsWith(this.path === sep ? sep : this.path + sep)) throw outside();
    return real;
  }

  async #removeOldPartials(nowMs: number): Promise<void> {
    for (const name of await readdir(this.partial(""))) {
      const path = this.partial(name);
      if (nowMs - (await modifiedMs(path)) > partialAgeMaxMs) await rm(path, { force: true });
    }
  }
}

/** When a file was written; now when another process has just completed it. */
async function modifiedMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function outside(): WorkflowError {
  return new WorkflowError("step.invalid_input", "leads out of its directory");
}
