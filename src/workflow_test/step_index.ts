import type { Plan } from "../plan/plan.ts";
import type { CheckedStep } from "../plan/step.ts";
import type { Position } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";
import type { NodeReader } from "./node_reader.ts";
import type { PlacedName, TestCase } from "./test_case.ts";

/** A step of the configuration under test. */
export interface IndexedStep {
  readonly pipeline: string;
  readonly step: string;
  readonly at: Position;
}

/** The steps of a configuration, also those inside others, by the names that tests use. */
export class StepIndex {
  readonly steps: readonly IndexedStep[];
  readonly pipelines: readonly string[];

  constructor(plan: Plan) {
    const pipelines = [...plan.pipelines, ...plan.routePipelines];
    this.pipelines = pipelines.map(({ name }) => name);
    this.steps = pipelines.flatMap(({ name, steps, compensation }) =>
      [...steps, ...compensation]
        .flatMap((step) => withNested(step))
        .map(({ name: step, at }) => ({ pipeline: name, step, at })),
    );
  }

  /**
   * The steps that a name stands for: `step` is one of the tested pipeline, or when that has none of the name, of any;
   * `pipeline.step` is one of the pipeline.
   */
  find(name: string, tested: string | undefined): readonly IndexedStep[] {
    const bare = this.steps.filter(({ step }) => step === name);
    const own = bare.filter(({ pipeline }) => pipeline === tested);
    if (own.length > 0) return own;
    const full = this.steps.filter(({ pipeline, step }) => name === `${pipeline}.${step}`);
    return full.length > 0 ? full : bare;
  }

  /** The name of the tested pipeline as far as it is known before the test runs. */
  testedBy({ start }: TestCase): string | undefined {
    return start.kind === "pipeline" ? start.pipeline.text : undefined;
  }

  /** Reports the names in a test that stand for nothing. */
  check(test: TestCase, reader: NodeReader): void {
    const tested = this.testedBy(test);
    if (test.start.kind === "pipeline") this.#checkPipeline(test.start.pipeline, reader);
    for (const { name, replies } of test.steps) {
      this.#checkStep(name, tested, reader);
      const [own] = this.find(name.text, tested);
      for (const { next } of replies) if (next !== undefined) this.#checkStep(next, own?.pipeline, reader);
    }
    const { expected } = test;
    if (expected === "golden") return;
    const { pathContains, notExecuted, outputs, calls, paths } = expected;
    const named = [...outputs, ...calls].map(({ name }) => name);
    for (const name of [...pathContains, ...notExecuted, ...named]) this.#checkStep(name, tested, reader);
    for (const { pipeline, steps } of paths) {
      if (pipeline !== undefined) this.#checkPipeline(pipeline, reader);
      for (const step of steps) this.#checkStep(step, pipeline?.text ?? tested, reader);
    }
  }

  #checkPipeline({ text, at }: PlacedName, reader: NodeReader): void {
    if (this.pipelines.includes(text)) return;
    const near = nearestName(text, this.pipelines);
    const hint = near === undefined ? `pipelines: ${this.pipelines.join(", ")}` : `did you mean "${near}"?`;
    reader.problem("config.unknown_reference", `the configuration has no pipeline "${text}"`, at, hint);
  }

  #checkStep({ text, at }: PlacedName, tested: string | undefined, reader: NodeReader): void {
    if (this.find(text, tested).length > 0) return;
    const own = this.steps.filter(({ pipeline }) => pipeline === tested).map(({ step }) => step);
    const full = this.steps.map(({ pipeline, step }) => `${pipeline}.${step}`);
    const bare = this.steps.map(({ step }) => step);
    const near = nearestName(text, own) ?? nearestName(text, bare) ?? nearestName(text, full);
    const hint = near === undefined ? "write `step`, or `pipeline.step`" : `did you mean "${near}"?`;
    reader.problem("config.unknown_reference", `the configuration has no step "${text}"`, at, hint);
  }
}

function withNested(step: CheckedStep): readonly CheckedStep[] {
  return [step, ...step.nested.flatMap((inner) => withNested(inner))];
}
