/** Time as the program sees it. Comes with the context, so that tests own it. */
export interface Clock {
  /** Wall time in epoch milliseconds; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds, with a fraction, from an arbitrary start; never goes back. For measuring and for deadlines. */
  monotonic(): number;
  /** Calls `fn` once after `ms`, which may exceed 2^31. The returned function cancels it, also when it is too late. */
  setTimeout(ms: number, fn: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. Leaves no timer or listener behind. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

// Longer timers fire at once in JavaScript runtimes.
const timerMsMax = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: startTimer,
  sleep: (ms, signal) => sleepWith(startTimer, ms, signal),
};

function startTimer(ms: number, fn: () => void): () => void {
  const dueAt = performance.now() + ms;
  let timer: ReturnType<typeof setTimeout>;
  const arm = (waitMs: number): void => {
    timer = waitMs <= timerMsMax ? setTimeout(fn, waitMs) : setTimeout(rearm, timerMsMax);
  };
  // Measured from the due time each time: the lateness of one link of the chain does not add up.
  const rearm = (): void => arm(Math.max(0, dueAt - performance.now()));
  arm(ms);
  return () => clearTimeout(timer);
}

/** The sleep of a clock, made from its timers. */
export function sleepWith(start: Clock["setTimeout"], ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = start(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
