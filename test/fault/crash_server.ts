import { join } from "node:path";
import { executablePath } from "../../script/executable.ts";

/** Where a server listens. */
export interface Addresses {
  readonly url: string;
  readonly management: string;
}

/** The built executable in a process that is going to be killed. */
export interface CrashServer {
  readonly startedAt: number;
  /** Where it listens, once it does; undefined when it ended before. */
  readonly ready: Promise<Addresses | undefined>;
  /** The signal that ended the process, or its exit code as text. */
  readonly died: Promise<string>;
  /** The last part of what it printed. */
  readonly log: string;
  readonly isEnded: boolean;
  /** Resolves when it prints something more, or ends. */
  printed(): Promise<void>;
  kill(): Promise<string>;
}

/** How a server is started; its data stays in `directory` from one to the next. */
export interface CrashServerOptions {
  readonly directory: string;
  /** Address of the service that the steps call. */
  readonly effects: string;
  /** `name` or `name:passage` of the place where it kills itself. */
  readonly faultPoint?: string | undefined;
}

/** Starts the executable, which must have been built. */
export function startCrashServer({ directory, effects, faultPoint }: CrashServerOptions): CrashServer {
  const args = ["-config", join(import.meta.dir, "crash.yaml"), "-data-dir", "data", "-mgmt-addr", "127.0.0.1:0"];
  const startedAt = Date.now();
  const child = Bun.spawn([executablePath, ...args], {
    cwd: directory,
    env: { PATH: "/usr/bin:/bin", EFFECTS: effects, WORKFLOW_FAULT_POINT: faultPoint ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = new Output();
  const ended = Promise.all([output.read(child.stdout), output.read(child.stderr), child.exited]).then(() => {
    output.end();
    return String(child.signalCode ?? child.exitCode);
  });
  return {
    startedAt,
    ready: output.addresses,
    died: ended,
    get log() {
      return output.tail;
    },
    get isEnded() {
      return output.isEnded;
    },
    printed: () => output.next(),
    kill: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

/** Kept of what was printed, in UTF-16 units: the addresses come first and are taken at once. */
const tailMax = 64 * 1024;

class Output {
  tail = "";
  readonly #addresses = Promise.withResolvers<Addresses | undefined>();
  #next = Promise.withResolvers<void>();
  isEnded = false;

  get addresses(): Promise<Addresses | undefined> {
    return this.#addresses.promise;
  }

  next(): Promise<void> {
    return this.isEnded ? Promise.resolve() : this.#next.promise;
  }

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let isLooking = true;
    for await (const chunk of stream) {
      this.tail = (this.tail + decoder.decode(chunk, { stream: true })).slice(-tailMax);
      if (isLooking) isLooking = !this.#look();
      const next = this.#next;
      this.#next = Promise.withResolvers<void>();
      next.resolve();
    }
  }

  end(): void {
    this.isEnded = true;
    this.#addresses.resolve(undefined);
    this.#next.resolve();
  }

  #look(): boolean {
    const [, management] = /Admin UI on http:\/\/localhost:(\d+)/.exec(this.tail) ?? [];
    const [, engine] = /Workflow engine on [^"\n]*?:(\d+)["\n]/.exec(this.tail) ?? [];
    if (management === undefined || engine === undefined) return false;
    const host = "http://127.0.0.1";
    this.#addresses.resolve({ url: `${host}:${engine}`, management: `${host}:${management}` });
    return true;
  }
}
