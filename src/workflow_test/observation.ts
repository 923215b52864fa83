import type { IndexedStep } from "./step_index.ts";
import type { StepCall } from "./recorder.ts";
import type { PlacedName } from "./test_case.ts";

/** What a test saw. Values are as their JSON reads. */
export interface Observation {
  /** The tested pipeline; undefined when no pipeline ran. */
  readonly pipeline: string | undefined;
  /** How its run stands; undefined when none ran. */
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly result: unknown;
  readonly response: ObservedResponse | undefined;
  readonly calls: readonly StepCall[];
  readonly runIds: readonly string[];
  /** Messages of the log, in order. */
  readonly log: readonly string[];
  /** What the test did that it may not. */
  readonly refusals: readonly string[];
  /** Signals of the test that no run waited for. */
  readonly unheard: readonly PlacedName[];
  /** Every step of the configuration. */
  readonly steps: readonly IndexedStep[];
  readonly find: (name: string) => readonly IndexedStep[];
}

/** The answer to the test's request. */
export interface ObservedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body when it is JSON; undefined when it is not. */
  readonly body: unknown;
}

/** The steps of a pipeline in the order they ran, without those inside others; attempts of one execution count once. */
export function pathOf(calls: readonly StepCall[], pipeline: string | undefined): readonly string[] {
  const seen = new Set<string>();
  return calls.flatMap((call) => {
    const key = `${call.key} ${call.step}`;
    if (call.isNested || call.pipeline !== pipeline || seen.has(key)) return [];
    seen.add(key);
    return [call.step];
  });
}
