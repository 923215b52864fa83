import { defineStep } from "../../../define/define.ts";
import { WorkflowError } from "../../../error/error.ts";
import type { Frame } from "../../../port/frame.ts";
import { count, duration, Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { RunCircuit } from "./run_circuit.ts";

/** Refuses runs while too many of those before failed. */
export default defineStep({
  type: "step.circuit_breaker",
  summary:
    "Refuse runs for a while after too many of them failed in the steps that follow; put it behind steps that check " +
    "the input of clients, whose failures would count too.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    failure_threshold: count({
      description: "Failed runs in a row that open the circuit.",
      default: 5,
      minimum: 1,
      invalid: "error",
    }),
    success_threshold: count({
      description: "Runs that must succeed after the pause before the circuit closes; no more are let through at once.",
      default: 3,
      minimum: 1,
      invalid: "error",
    }),
    timeout: duration({
      description: "How long the circuit stays open before runs are let through to try.",
      default: "30s",
      invalid: "error",
    }),
    service_name: Type.Optional(
      Type.String({ description: "What the circuit protects, for messages; the step's name without." }),
    ),
  }),
  output: outputOf(["circuit_breaker"]),
  build({ name, log, runtime }, { failure_threshold, success_threshold, timeout, service_name }) {
    const service = service_name === undefined || service_name === "" ? name : service_name;
    const circuit = new RunCircuit(
      { failures: failure_threshold, successes: success_threshold, openMs: timeout },
      runtime.clock,
    );
    const admitted = new Set<string>();
    return (frame) => {
      const { runId } = frame;
      // A run that comes by again, through a jump or a loop, is one run.
      if (admitted.has(runId)) return { output: outputOfState(circuit.state, service, false) };
      const admission = circuit.admit();
      if (admission === undefined) {
        const text = `circuit_breaker step "${name}": circuit is open for service ${JSON.stringify(service)}`;
        throw new WorkflowError("step.circuit_open", text, { retryAfterS: circuit.waitMs / 1000 });
      }
      admitted.add(runId);
      const before = new Set(Object.keys(frame.steps));
      frame.onEnd((error) => {
        admitted.delete(runId);
        const was = circuit.state;
        settle(circuit, admission.turn, error, () => hasFailedAfter(before, frame));
        const is = circuit.state;
        if (was !== is) log.info("Circuit changed", { service, from: was, to: is });
      });
      return { output: outputOfState(admission.state, service, admission.isTransition) };
    };
  },
});

function outputOfState(state: string, service: string, isTransition: boolean): Record<string, unknown> {
  const transitioned = isTransition ? { transitioned: true } : {};
  return { circuit_breaker: { state, service, allowed: true, ...transitioned } };
}

function settle(circuit: RunCircuit, turn: number, error: unknown, hasFailed: () => boolean): void {
  // A run whose client went away, or that goes on elsewhere, says nothing about the service.
  const isOpenEnded = error instanceof WorkflowError && ["run.cancelled", "run.suspended"].includes(error.code);
  if (isOpenEnded) circuit.undecided(turn);
  else if (error !== undefined || hasFailed()) circuit.failed(turn);
  else circuit.succeeded(turn);
}

/** Whether a later step failed although the run went on: `on_error: skip` leaves both marks in its output. */
function hasFailedAfter(before: ReadonlySet<string>, { steps }: Frame): boolean {
  for (const name of Object.keys(steps)) {
    const output = steps[name];
    if (before.has(name) || output === undefined) continue;
    if (output._skipped === true && Object.hasOwn(output, "_error")) return true;
  }
  return false;
}
