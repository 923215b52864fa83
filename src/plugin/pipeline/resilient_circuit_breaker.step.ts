import { defineStep } from "../../define/define.ts";
import type { PlannedStep } from "../../define/definition.ts";
import { asWorkflowError, WorkflowError } from "../../error/error.ts";
import type { StepOutcome } from "../../port/frame.ts";
import { count, duration, steps, Type } from "../../schema/field.ts";
import { openOutputOf } from "../../schema/output.ts";
import type { Clock } from "../../time/clock.ts";

/** Stops calling a step that keeps failing, for a while. */
export default defineStep({
  type: "step.resilient_circuit_breaker",
  summary: "Run a step unless it failed too often lately; then run a fallback or fail at once.",
  category: "pipeline",
  effect: "nested",
  config: Type.Object({
    failure_threshold: count({
      description: "Failures in a row that open the circuit.",
      default: 5,
      minimum: 1,
      invalid: "error",
    }),
    reset_timeout: duration({
      description: "How long the circuit stays open before one run is let through to try.",
      default: "60s",
      invalid: "error",
    }),
    step: steps<PlannedStep>({ form: "one", description: "The step, with its settings beside `type` and `name`." }),
    fallback: Type.Optional(
      steps<PlannedStep>({ form: "one", description: "Step that runs instead while the circuit is open." }),
    ),
  }),
  output: openOutputOf(["circuit_breaker_open"]),
  build({ name, runtime, build }, { failure_threshold, reset_timeout, step, fallback }) {
    const run = build(step);
    const runInstead = fallback === undefined ? undefined : build(fallback);
    const circuit = new Circuit(failure_threshold, reset_timeout, runtime.clock);
    return async (frame) => {
      const admission = circuit.admit();
      if (admission === "refused") {
        if (runInstead !== undefined) return marked(await runInstead(frame), true);
        throw new WorkflowError("step.circuit_open", `circuit_breaker step "${name}": circuit is open`, {
          retryAfterS: circuit.waitMs / 1000,
        });
      }
      try {
        const outcome = await run(frame);
        circuit.succeeded(admission);
        return marked(outcome, false);
      } catch (error) {
        // A run whose client went away says nothing about the step.
        if (asWorkflowError(error).code === "run.cancelled") circuit.undecided(admission);
        else circuit.failed(admission);
        throw error;
      }
    };
  },
});

function marked(outcome: StepOutcome, isOpen: boolean): StepOutcome {
  return { ...outcome, output: { ...outcome.output, circuit_breaker_open: isOpen } };
}

type Admission = "normal" | "trial";

/** Closed while all is well; open after failures in a row; half open while one run tries. */
class Circuit {
  readonly #threshold: number;
  readonly #resetMs: number;
  readonly #clock: Pick<Clock, "monotonic">;
  #failures = 0;
  #openedAtMs: number | undefined;
  #isTrying = false;

  constructor(threshold: number, resetMs: number, clock: Pick<Clock, "monotonic">) {
    this.#threshold = threshold;
    this.#resetMs = resetMs;
    this.#clock = clock;
  }

  /** Milliseconds until a run is let through to try; 0 when the circuit is not open. */
  get waitMs(): number {
    if (this.#openedAtMs === undefined) return 0;
    return Math.max(0, this.#openedAtMs + this.#resetMs - this.#clock.monotonic());
  }

  /** Whether the step may run now. Of the runs that come after the pause, one tries and the others wait for it. */
  admit(): Admission | "refused" {
    if (this.#openedAtMs === undefined) return "normal";
    if (this.#isTrying || this.waitMs > 0) return "refused";
    this.#isTrying = true;
    return "trial";
  }

  succeeded(admission: Admission): void {
    if (this.#isStale(admission)) return;
    this.#isTrying = false;
    this.#failures = 0;
    this.#openedAtMs = undefined;
  }

  failed(admission: Admission): void {
    if (this.#isStale(admission)) return;
    this.#failures++;
    if (admission === "normal" && this.#failures < this.#threshold) return;
    this.#isTrying = false;
    this.#openedAtMs = this.#clock.monotonic();
  }

  undecided(admission: Admission): void {
    if (admission === "trial") this.#isTrying = false;
  }

  /** A run that was let through before the circuit opened does not decide about it any more. */
  #isStale(admission: Admission): boolean {
    return admission === "normal" && this.#openedAtMs !== undefined;
  }
}
