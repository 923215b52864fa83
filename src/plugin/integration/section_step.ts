import { messageOf, prefixed, WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import type { EventBus, RuntimeServices } from "../../port/runtime.ts";
import type { RunAction } from "./connector.ts";
import { compileReferences, type Results } from "./reference.ts";

/** A step of an integration as it is written. */
export interface WrittenStep {
  readonly name: string;
  readonly connector: string;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Anything but an empty text lets the run go on when the step fails. */
  readonly onError: string;
  readonly retryCount: number;
  readonly retryDelayMs: number;
}

/** A step that is ready to run. */
export interface SectionStep extends Omit<WrittenStep, "input"> {
  readonly run: RunAction;
  readonly resolve: (results: Results) => unknown;
}

/** Puts a step together with what its connector made of its action. */
export function compileStep({ input, ...rest }: WrittenStep, run: RunAction): SectionStep {
  return { ...rest, run, resolve: compileReferences(input) };
}

/**
 * Runs steps one after the other. The result is the initial data with each step's result under its name. Throws what
 * the first step failed with that does not go on by `onError`.
 */
export async function runSteps(
  steps: readonly SectionStep[],
  data: Readonly<Record<string, unknown>>,
  runtime: RuntimeServices,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const results = new Map<string, unknown>(Object.entries(data));
  for (const step of steps) {
    // Made of entries: a step or key called `__proto__` stays an entry like any other.
    const values = Object.fromEntries(results);
    const input = step.resolve({ values, data });
    const emit = emitterFor(step, runtime);
    const started = runtime.clock.monotonic();
    const duration = () => Math.round((runtime.clock.monotonic() - started) * 1e6);
    emit("started", {});
    try {
      const result = await withRetries(step, toInput(input), runtime, signal);
      results.set(step.name, result);
      emit("completed", { duration: duration(), results: result });
    } catch (error) {
      if (step.onError === "" || signal.aborted) {
        emit("failed", { duration: duration(), error: messageOf(error) });
        throw prefixed(`error executing step '${step.name}': `, error, "step.upstream");
      }
      results.set(`${step.name}_error`, messageOf(error));
      runtime.log.warn("Integration step failed; going on", { step: step.name, error: messageOf(error) });
    }
  }
  return Object.fromEntries(results);
}

function toInput(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

async function withRetries(
  { run, retryCount, retryDelayMs }: SectionStep,
  input: Record<string, unknown>,
  { clock }: RuntimeServices,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  for (let retry = 0; ; retry++) {
    signal.throwIfAborted();
    try {
      return await run(input, signal);
    } catch (error) {
      if (retry >= retryCount || signal.aborted) throw error;
    }
    await clock.sleep(retryDelayMs, signal);
  }
}

type StepStatus = "started" | "completed" | "failed";

function emitterFor({ name: stepName, connector, action }: SectionStep, { events, clock, log }: RuntimeServices) {
  return (status: StepStatus, facts: Readonly<Record<string, unknown>>): void => {
    const topic = `workflow.integration.step.${stepName}.${status}`;
    if (!events.hasSubscribers(topic)) return;
    const timestamp = new Date(clock.now()).toISOString();
    const payload = { workflowType: "integration", stepName, connector, action, status, timestamp, ...facts };
    // Listeners are told, not waited for: they must not slow or fail the step.
    tell(events, topic, payload).catch((error: unknown) => log.warn("Step event not delivered", { topic, error }));
  };
}

async function tell(events: EventBus, topic: string, payload: unknown): Promise<void> {
  await events.publish(topic, payload);
}

/** The whole number under a key, or `otherwise`. Throws `step.invalid_input` for anything that is no count. */
export function countAt(value: unknown, key: string, otherwise: number): number {
  const found = ownValue(value, key);
  if (found === undefined || found === null) return otherwise;
  const number = Number(found);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new WorkflowError("step.invalid_input", `'${key}' must be a whole number that is not negative`);
}
