import { defineModule } from "../../define/define.ts";
import { messageOf, prefixed, WorkflowError } from "../../error/error.ts";
import { type Executor, Executor as ExecutorPort } from "../../port/service.ts";
import { TransitionHandler } from "../../port/statemachine.ts";
import { count, lateRef, real, Type } from "../../schema/field.ts";
import type { Clock } from "../../time/clock.ts";

/** Longest wait between two attempts, in milliseconds; beyond it waiting longer helps nobody. */
const backoffMsMax = 60 * 60 * 1000;

/** Calls a component when a state machine makes a transition. */
export default defineModule({
  type: "processing.step",
  summary: "Hook that runs a component on a transition and fires the next transition with its result.",
  category: "statemachine",
  provides: [TransitionHandler],
  config: Type.Object({
    componentId: lateRef(ExecutorPort, { description: "Component to run; its result goes to `successTransition`." }),
    successTransition: Type.String({ description: "Transition fired with the result.", default: "" }),
    compensateTransition: Type.String({
      description: "Transition fired with the error when every attempt has failed.",
      default: "",
    }),
    maxRetries: count({ description: "Attempts after the first one.", default: 2, minimum: 0 }),
    retryBackoffMs: count({
      description: "Wait before the second attempt, in milliseconds; it doubles with each further one.",
      default: 1000,
      minimum: 0,
    }),
    timeoutSeconds: real({ description: "Time for one attempt, in seconds.", default: 30, minimum: 0.001 }),
  }),
  create({ name, runtime }, config) {
    const { componentId, successTransition, compensateTransition, maxRetries, retryBackoffMs, timeoutSeconds } = config;
    const { clock } = runtime;
    const operation = runtime.metrics.moduleOperation(name, "execute");
    const meter = runtime.metrics.workflow(name, "processing_step");
    const ended = new AbortController();

    const attempt = async (parameters: Record<string, unknown>): Promise<Record<string, unknown>> => {
      for (let retry = 0; ; retry++) {
        try {
          return await limited(componentId.get(), parameters, {
            clock,
            ms: timeoutSeconds * 1000,
            parent: ended.signal,
          });
        } catch (error) {
          if (retry >= maxRetries || ended.signal.aborted) throw error;
        }
        await clock.sleep(Math.min(retryBackoffMs * 2 ** retry, backoffMsMax), ended.signal);
      }
    };

    const service: TransitionHandler = {
      async handleTransition({ workflowId, transitionId, fromState, toState, data }, engine) {
        const started = clock.monotonic();
        meter.start();
        const seconds = () => (clock.monotonic() - started) / 1000;
        try {
          const result = await attempt({ ...data, workflowId, transitionId, fromState, toState });
          operation.record("success");
          meter.finish("success", seconds());
          if (successTransition !== "") engine.fire(workflowId, successTransition, result);
        } catch (error) {
          operation.record("failure");
          meter.finish("error", seconds());
          if (compensateTransition !== "") engine.fire(workflowId, compensateTransition, { error: messageOf(error) });
          throw prefixed(`processing step "${name}": retries exhausted: `, error, "module.failed");
        }
      },
    };
    return {
      service,
      start(scope) {
        scope.signal.addEventListener("abort", () => ended.abort(scope.signal.reason), { once: true });
      },
    };
  },
});

/** Runs a component for at most `ms`. One that does not heed its signal is left behind. */
async function limited(
  component: Executor,
  parameters: Record<string, unknown>,
  { clock, ms, parent }: { readonly clock: Clock; readonly ms: number; readonly parent: AbortSignal },
): Promise<Record<string, unknown>> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, parent]);
  const late = new WorkflowError("run.timeout", `no result within ${ms / 1000} s`);
  const cancel = clock.setTimeout(ms, () => controller.abort(late));
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([component.execute(parameters, signal), aborted]);
  } finally {
    cancel();
  }
}
