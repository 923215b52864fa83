import type { Observation } from "./observation.ts";
import type { IndexedStep } from "./step_index.ts";

/** How much of a pipeline the tests went through. */
export interface PipelineCoverage {
  /** The configuration it stands in. */
  readonly config: string;
  readonly pipeline: string;
  readonly steps: number;
  readonly executed: number;
  /** The steps that no test executed. */
  readonly missing: readonly IndexedStep[];
}

/** Gathers which steps were executed, really or by a replacement. */
export class Coverage {
  readonly #steps = new Map<string, { readonly config: string; readonly step: IndexedStep; count: number }>();

  /** Adds what a test of a configuration executed. */
  add(config: string, { steps, calls }: Observation): void {
    for (const step of steps) {
      const key = keyOf(config, step);
      if (!this.#steps.has(key)) this.#steps.set(key, { config, step, count: 0 });
    }
    for (const call of calls) {
      const entry = this.#steps.get(keyOf(config, call));
      if (entry !== undefined) entry.count++;
    }
  }

  /** The pipelines in the order of their files. */
  pipelines(): readonly PipelineCoverage[] {
    const groups = Map.groupBy(this.#steps.values(), ({ config, step }) => `${config}\n${step.pipeline}`);
    return [...groups.values()].flatMap((entries) => {
      const [first] = entries;
      if (first === undefined) return [];
      const missing = entries.filter(({ count }) => count === 0).map(({ step }) => step);
      const { config, step } = first;
      return {
        config,
        pipeline: step.pipeline,
        steps: entries.length,
        executed: entries.length - missing.length,
        missing,
      };
    });
  }
}

function keyOf(config: string, { pipeline, step }: { readonly pipeline: string; readonly step: string }): string {
  return `${config}\n${pipeline}\n${step}`;
}
