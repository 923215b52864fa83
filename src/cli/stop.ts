import type { Engine } from "../engine/engine.ts";
import { WorkflowError } from "../error/error.ts";
import { Scope } from "../scope/scope.ts";

/** Time for finishing work after the first signal, in milliseconds. */
export const shutdownMs = 30_000;

/** Time for ending what did not finish, in milliseconds. */
const endingMs = 1000;

/**
 * Lets the engine finish its work in flight and then ends everything that the scope holds. Gives what went wrong; a
 * part that does not end within the limit is left behind.
 */
export async function stopServer(
  engine: Engine,
  scope: Scope,
  limitMs = shutdownMs,
): Promise<readonly WorkflowError[]> {
  const timers = new Scope("shutdown");
  const deadline = new AbortController();
  const hung = new Promise<readonly WorkflowError[]>((resolve) => {
    timers.after("deadline", limitMs, () => deadline.abort());
    timers.after("limit", limitMs + endingMs, () => {
      resolve([new WorkflowError("run.timeout", `a part of the server did not end within ${limitMs / 1000} s`)]);
    });
  });
  const errors = await Promise.race([engine.close(deadline.signal), hung]);
  const rest = await scope.close();
  await timers.close();
  return [...errors, ...rest];
}
