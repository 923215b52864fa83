import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Scope } from "../../scope/scope.ts";
import type { Clock } from "../../time/clock.ts";

/** A day in milliseconds. */
export const dayMs = 86_400_000;

/** Does something at once and then every day until the scope closes. What fails is logged and tried again next time. */
export function everyDay(
  scope: Scope,
  around: { readonly clock: Clock; readonly log: Logger; readonly task: string },
  work: () => Promise<void>,
): void {
  const { clock, log, task } = around;
  let cancel = (): void => {};
  const turn = (): void => {
    if (scope.isClosed) return;
    cancel = clock.setTimeout(dayMs, turn);
    void scope.spawn(task, async () => {
      try {
        await work();
      } catch (error) {
        log.warn("A daily task failed", { task, error: messageOf(error) });
      }
    });
  };
  scope.defer(task, () => cancel());
  turn();
}
