import { WorkflowError } from "../error/error.ts";

/**
 * A signal that is aborted after a time, unless it is given back before (`using`). `AbortSignal.timeout` can't be given
 * back: it keeps everything that listens to it until the time has passed, such as a whole generation for 60 s.
 */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = setTimeout(
      () => controller.abort(new WorkflowError("run.timeout", `not finished within ${ms} ms`)),
      ms,
    );
    // Nothing that only waits for its end keeps the process alive.
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
