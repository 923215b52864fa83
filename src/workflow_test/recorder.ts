import type { AnyStepDefinition, StepContext } from "../define/definition.ts";
import type { Registry } from "../define/registry.ts";
import { messageOf, WorkflowError } from "../error/error.ts";
import type { Frame, RunStep, StepOutcome } from "../port/frame.ts";
import type { Clock } from "../time/clock.ts";
import { asJson } from "./compare.ts";
import type { ReplacedStep, Reply } from "./test_case.ts";
import type { WorkTracker } from "./work_tracker.ts";

/** One call of a step. A step that is tried again is called again. */
export interface StepCall {
  readonly pipeline: string;
  readonly step: string;
  /** Stands inside another step. */
  readonly isNested: boolean;
  readonly runId: string;
  /** The same for all attempts of one execution. */
  readonly key: string;
  status: "running" | "completed" | "failed" | "waiting";
  output: unknown;
  error: string | undefined;
}

/** A step of the configuration as the recorder knows it. */
export interface StepPlace {
  readonly pipeline: string;
  readonly step: string;
  readonly isNested: boolean;
}

/** What a recorder asks the test about. */
export interface RecorderOptions {
  readonly clock: Clock;
  readonly work: WorkTracker;
  /** The replacement of a step, if the test has one. */
  readonly replacement: (place: StepPlace) => ReplacedStep | undefined;
  /** Why a step may not really run; undefined when it may. */
  readonly refusal: (place: StepPlace, definition: AnyStepDefinition, config: StepConfig) => string | undefined;
  /** Called when a run executes its first step. */
  readonly onRun: (frame: Frame, pipeline: string) => void;
}

type StepConfig = Parameters<AnyStepDefinition["build"]>[1];

/** Stands between the executor and every step, also those inside others: watches them, and replaces some. */
export class StepRecorder {
  readonly calls: StepCall[] = [];
  /** What the test did that it may not, whatever became of the run. */
  readonly refusals = new Set<string>();
  readonly runIds = new Set<string>();
  readonly #options: RecorderOptions;
  #depth = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The registry with every step type watched. */
  watched(registry: Registry): Registry {
    const known = new Map<AnyStepDefinition, AnyStepDefinition>();
    return {
      ...registry,
      step: (type) => {
        const definition = registry.step(type);
        if (definition === undefined) return undefined;
        const watched = known.get(definition) ?? this.#watch(definition);
        known.set(definition, watched);
        return watched;
      },
    };
  }

  #watch(definition: AnyStepDefinition): AnyStepDefinition {
    return {
      ...definition,
      build: (context, config) => {
        const place = { pipeline: context.pipeline, step: context.name, isNested: this.#depth > 0 };
        const run = definition.build(this.#inside(context), config);
        // Steps that run other steps are waited for through those.
        const role = definition.effect === "nested" || definition.calls !== undefined ? "frame" : "step";
        const attempts = this.#attempts(place, definition, { run, config, context });
        return (frame) => this.#options.work.run(role, () => this.#call(place, attempts, frame));
      },
    };
  }

  #inside(context: StepContext): StepContext {
    return {
      ...context,
      build: (inner) => {
        this.#depth++;
        try {
          return context.build(inner);
        } finally {
          this.#depth--;
        }
      },
    };
  }

  /** What each call of a step does: its replies in turn, or the step itself. */
  #attempts(
    place: StepPlace,
    definition: AnyStepDefinition,
    { run, config, context }: { readonly run: RunStep; readonly config: StepConfig; readonly context: StepContext },
  ): RunStep {
    const { replacement, refusal } = this.#options;
    const replaced = replacement(place);
    let count = 0;
    let refused: string | undefined | null = null;
    return (frame) => {
      const reply = replaced === undefined ? undefined : replyAt(replaced.replies, count++);
      if (reply !== undefined) return this.#reply(reply, frame, context);
      if (replaced?.afterwards === "refuse") {
        const text = `step "${place.step}" was called ${count} times and has ${replaced.replies.length} outputs`;
        throw this.#refuse(text);
      }
      if (refused === null) refused = refusal(place, definition, config);
      if (refused !== undefined) throw this.#refuse(refused);
      return run(frame);
    };
  }

  #refuse(text: string): WorkflowError {
    this.refusals.add(text);
    return new WorkflowError("test.refused", text);
  }

  async #reply({ output, error, next, delayMs }: Reply, frame: Frame, context: StepContext): Promise<StepOutcome> {
    if (delayMs > 0) await this.#options.clock.sleep(delayMs, frame.signal);
    if (error !== undefined) throw new WorkflowError(error.code, error.message);
    const target = next === undefined ? undefined : context.target(next.text);
    return { output: structuredClone({ ...output }), ...(target === undefined ? {} : { next: target }) };
  }

  async #call(place: StepPlace, attempts: RunStep, frame: Frame): Promise<StepOutcome> {
    const call = this.#begin(place, frame);
    try {
      const outcome = await attempts(frame);
      call.status = outcome.park === undefined ? "completed" : "waiting";
      call.output = asJson(outcome.output ?? {});
      return outcome;
    } catch (error) {
      call.status = "failed";
      call.error = messageOf(error);
      throw error;
    }
  }

  #begin(place: StepPlace, frame: Frame): StepCall {
    const { runId } = frame;
    if (!this.runIds.has(runId)) {
      this.runIds.add(runId);
      this.#options.onRun(frame, place.pipeline);
    }
    const key = frame.idempotencyKey;
    // A step that was put aside goes on; that is no further call.
    const isSame = ({ step, status, key: other }: StepCall) =>
      status === "waiting" && step === place.step && key === other;
    const waiting = frame.wake === undefined ? undefined : this.calls.findLast(isSame);
    if (waiting !== undefined) {
      waiting.status = "running";
      return waiting;
    }
    const call: StepCall = { ...place, runId, key, status: "running", output: undefined, error: undefined };
    this.calls.push(call);
    return call;
  }
}

function replyAt(replies: readonly Reply[], index: number): Reply | undefined {
  let before = 0;
  return replies.find(({ times }) => {
    before += times;
    return index < before;
  });
}
