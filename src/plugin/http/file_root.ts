import { mkdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { WorkflowError } from "../../error/error.ts";

/** A file that may be served. */
export interface FoundFile {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Epoch milliseconds, with a fraction. */
  readonly modifiedMs: number;
}

/** What stands at a path below a root. Sockets, pipes and devices count as missing. */
export type Found = FoundFile | "directory" | "forbidden" | "missing";

/** A directory whose files are served, and nothing outside of it. */
export class FileRoot {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens a directory, which is created when it is missing. Throws `start.failed`. */
  static async open(path: string): Promise<FileRoot> {
    try {
      await mkdir(path, { recursive: true, mode: 0o750 });
    } catch (cause) {
      if (errorCode(cause) !== "EEXIST" && errorCode(cause) !== "ENOTDIR") throw cause;
      throw new WorkflowError("start.failed", `root path "${path}" is not a directory`, { cause });
    }
    return new FileRoot(await realpath(path));
  }

  /** Finds a relative path without `..`. Symbolic links are followed as long as they stay inside the root. */
  async find(relative: string): Promise<Found> {
    try {
      const path = await realpath(join(this.#path, relative));
      if (path !== this.#path && !path.startsWith(this.#path === sep ? sep : this.#path + sep)) return "forbidden";
      const facts = await stat(path);
      if (facts.isDirectory()) return "directory";
      return facts.isFile() ? { path, sizeBytes: facts.size, modifiedMs: facts.mtimeMs } : "missing";
    } catch (error) {
      return afterFailure(error);
    }
  }
}

function afterFailure(error: unknown): Found {
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
      return "missing";
    case "EACCES":
    case "EPERM":
      return "forbidden";
    default:
      throw error;
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
