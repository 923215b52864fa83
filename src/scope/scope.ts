import { messageOf, WorkflowError } from "../error/error.ts";

/** Releases one resource. It may be asynchronous; it gets a limited time. */
export type Cleanup = () => void | Promise<void>;

/** How a scope treats failures and slow cleanups. */
export interface ScopeOptions {
  /** Time that one cleanup may take, in milliseconds, before it is given up and reported. */
  readonly cleanupTimeoutMs?: number;
  /** Called once for each task that throws while the scope is open. Without it the failure closes the scope. */
  readonly onFailure?: (failure: { readonly task: string; readonly error: unknown }) => void;
}

/**
 * The owner of everything that runs: timers, sockets, subscriptions, tasks and child scopes.
 * Closing a scope aborts its signal and then ends what it started in reverse order.
 */
export class Scope {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #options: ScopeOptions;
  readonly #entries = new Set<{ readonly name: string; readonly run: Cleanup }>();
  #closing: Promise<readonly WorkflowError[]> | undefined;

  constructor(name: string, options: ScopeOptions = {}) {
    this.name = name;
    this.signal = this.#abort.signal;
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Number of resources that closing would release; zero after everything has ended. */
  get size(): number {
    return this.#entries.size;
  }

  /** Registers a cleanup and returns a function that takes it back without running it. */
  defer(name: string, run: Cleanup): () => void {
    if (this.#closing !== undefined) {
      const failed = (error: unknown) => this.#options.onFailure?.({ task: `${this.name}/${name}`, error });
      void Promise.resolve().then(run).catch(failed);
      return () => {};
    }
    const entry = { name, run };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  /** A scope that ends with this one, or earlier by itself. */
  child(name: string): Scope {
    const child = new Scope(`${this.name}/${name}`, this.#options);
    const release = this.defer(name, async () => {
      const errors = await child.close();
      if (errors.length > 0) throw new WorkflowError("internal.unexpected", errors.map(messageOf).join("; "));
    });
    child.#onClosed = release;
    return child;
  }

  #onClosed: (() => void) | undefined;

  /** Runs a task until it ends or the scope closes; closing waits for it. A task that throws fails its owner. */
  spawn(name: string, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = (async () => {
      try {
        await task(this.signal);
      } catch (error) {
        if (this.signal.aborted) return;
        this.#fail(name, error);
      }
    })();
    const release = this.defer(name, () => running);
    void running.then(release);
    return running;
  }

  /** Calls `tick` every `intervalMs`; a tick that is still running when the next is due delays it. */
  every(name: string, intervalMs: number, tick: () => void | Promise<void>): void {
    this.#arm(name, intervalMs, tick, "repeat");
  }

  /** Calls `action` once after `delayMs`, unless the scope closes first. Returns a cancel function. */
  after(name: string, delayMs: number, action: () => void | Promise<void>): () => void {
    return this.#arm(name, delayMs, action, "once");
  }

  #arm(name: string, delayMs: number, action: () => void | Promise<void>, mode: "once" | "repeat"): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: Promise<void> | undefined;
    const release = this.defer(name, () => {
      clearTimeout(timer);
      return running;
    });
    const fire = async () => {
      try {
        await action();
      } catch (error) {
        this.#fail(name, error);
      }
    };
    const start = () => {
      timer = setTimeout(() => {
        running = fire();
        void running.then(() => (mode === "repeat" && !this.isClosed ? start() : release()));
      }, delayMs);
    };
    start();
    return () => {
      clearTimeout(timer);
      release();
    };
  }

  #fail(task: string, error: unknown): void {
    if (this.#options.onFailure !== undefined) return this.#options.onFailure({ task: `${this.name}/${task}`, error });
    void this.close(error);
  }

  /** Ends everything in reverse order of its start. Errors are gathered and returned, never thrown. Idempotent. */
  close(reason?: unknown): Promise<readonly WorkflowError[]> {
    this.#closing ??= this.#end(reason);
    return this.#closing;
  }

  async #end(reason: unknown): Promise<readonly WorkflowError[]> {
    this.#abort.abort(reason ?? new WorkflowError("run.cancelled", `${this.name} was closed`));
    const errors: WorkflowError[] = [];
    for (const entry of [...this.#entries].reverse()) {
      try {
        await withTimeout(entry.run(), this.#options.cleanupTimeoutMs ?? 30_000);
      } catch (error) {
        const message = `closing ${this.name}/${entry.name} failed: ${messageOf(error)}`;
        errors.push(new WorkflowError("internal.unexpected", message, { cause: error }));
      }
      this.#entries.delete(entry);
    }
    this.#onClosed?.();
    return errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function withTimeout(work: void | Promise<void>, limitMs: number): Promise<void> {
  if (!(work instanceof Promise)) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WorkflowError("start.timeout", `not finished within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
