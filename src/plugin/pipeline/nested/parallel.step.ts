import { defineStep } from "../../../define/define.ts";
import type { PlannedStep, StepContext } from "../../../define/definition.ts";
import { asWorkflowError, WorkflowError } from "../../../error/error.ts";
import type { Frame, StepOutcome } from "../../../port/frame.ts";
import { choice, count, steps, Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { runBounded } from "./bounded.ts";
import { buildNested, type NestedStep, runNested } from "./nested_steps.ts";

/** Runs lists of steps side by side. */
export default defineStep({
  type: "step.parallel",
  summary: "Run several lists of steps at the same time and wait for all of them.",
  category: "pipeline",
  effect: "nested",
  config: Type.Object({
    branches: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ description: "Name of the branch, under which its result is put.", minLength: 1 }),
          steps: steps<readonly PlannedStep[]>({
            form: "list",
            description: "Steps of the branch, one after the other, with settings beside `type` and `name`.",
          }),
        }),
        { description: "The lists of steps. Each sees the values of the run as they were before this step." },
      ),
    ),
    steps: Type.Optional(
      steps<readonly PlannedStep[]>({
        form: "list",
        description: "In place of `branches`: each step is a branch of its own, with the step's name.",
      }),
    ),
    max_concurrency: count({
      description: "Most branches that run at the same time; 0 means all of them.",
      default: 0,
      minimum: 0,
      invalid: "error",
    }),
    on_failure: choice(["fail_fast", "collect"], {
      description:
        "What the failure of a branch does: `fail_fast` ends the others and fails the step, `collect` lets them go " +
        "on and puts the messages under `errors`.",
      default: "fail_fast",
      invalid: "error",
    }),
  }),
  output: outputOf(["results", "errors", "count", "failed"]),
  build(context, config) {
    const prefix = `parallel step "${context.name}": `;
    const branches = buildBranches(context, config, prefix);
    const limit = config.max_concurrency === 0 ? branches.length : config.max_concurrency;
    const isCollecting = config.on_failure === "collect";
    return async (frame) => {
      const { checkpoint } = frame;
      const finished: Finished = { results: new Map(), errors: new Map() };
      await runBounded(frame, { count: branches.length, limit }, async (index, signal) => {
        const branch = branches[index];
        if (branch === undefined) return;
        const { name } = branch;
        // What an earlier attempt of the step has committed is not done again.
        const result =
          checkpoint?.done.get(index) ?? (await runBranch(branch, signal, { frame, prefix, isCollecting }));
        if (result instanceof Error) {
          finished.errors.set(name, result.message);
          return;
        }
        finished.results.set(name, result);
        if (checkpoint?.done.has(index) === false) await checkpoint.save(index, result);
      });
      return outcomeOf(branches, finished);
    };
  },
});

interface Branch {
  readonly name: string;
  readonly steps: readonly NestedStep[];
}

interface Finished {
  readonly results: Map<string, Record<string, unknown>>;
  readonly errors: Map<string, string>;
}

interface WrittenBranches {
  readonly branches?: readonly { readonly name: string; readonly steps: readonly PlannedStep[] }[];
  readonly steps?: readonly PlannedStep[];
}

function buildBranches(context: StepContext, { branches, steps: list }: WrittenBranches, prefix: string): Branch[] {
  if (branches !== undefined && list !== undefined) {
    throw new WorkflowError("config.value", `${prefix}'branches' and 'steps' are mutually exclusive`);
  }
  const written = branches ?? list?.map((step) => ({ name: step.name, steps: [step] }));
  if (written === undefined || written.length === 0) {
    throw new WorkflowError("config.required", `${prefix}'branches' or 'steps' is required`);
  }
  const names = new Set<string>();
  for (const { name } of written) {
    if (names.has(name)) {
      throw new WorkflowError("config.duplicate_name", `${prefix}two branches have the name ${JSON.stringify(name)}`);
    }
    names.add(name);
  }
  return written.map(({ name, steps: planned }) => ({ name, steps: buildNested(context, planned) }));
}

interface Surroundings {
  readonly frame: Frame;
  readonly prefix: string;
  readonly isCollecting: boolean;
}

/** The result of a branch, or its failure when failures are collected. The end of the run is no failure of a branch. */
async function runBranch(
  { name, steps: nested }: Branch,
  signal: AbortSignal,
  { frame, prefix, isCollecting }: Surroundings,
): Promise<Record<string, unknown> | Error> {
  try {
    return await runNested(nested, frame.fork(name, signal), `${prefix}branch ${JSON.stringify(name)}, `);
  } catch (error) {
    const failure = asWorkflowError(error);
    if (!isCollecting || frame.signal.aborted || failure.code === "run.suspended") throw failure;
    return failure;
  }
}

/** Maps in the order of the branches, whichever ended first. */
function outcomeOf(branches: readonly Branch[], { results, errors }: Finished): StepOutcome {
  const inOrder = <T>(values: ReadonlyMap<string, T>): Record<string, T> =>
    Object.fromEntries(
      branches.flatMap(({ name }) => {
        const value = values.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  const output = { results: inOrder(results), errors: inOrder(errors), count: branches.length, failed: errors.size };
  return { output };
}
