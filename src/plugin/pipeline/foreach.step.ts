import { defineStep } from "../../define/define.ts";
import type { PlannedStep, StepContext } from "../../define/definition.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import type { Frame, RunStep } from "../../port/frame.ts";
import { steps, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { typeName } from "../../template/value.ts";

/** Most items of one loop. Guessed: far above what one run should do. */
export const foreachItemsMax = 100_000;

/** Items after which other work gets a turn: steps that never wait would hold everything up. */
const itemsPerTurn = 256;

/** Runs steps once per item of a list. */
export default defineStep({
  type: "step.foreach",
  summary: "Run steps for each item of a list, one item after the other.",
  category: "pipeline",
  effect: "write",
  config: Type.Object({
    collection: valuePath("collection", {
      description: "The list: a name, or a path such as `steps.fetch.rows` or `trigger.items`.",
    }),
    item_var: Type.String({
      description: "Name under which the steps see the item.",
      default: "item",
      "x-aliases": ["item_key"],
    }),
    index_key: Type.String({ description: "Name under which the steps see the position, from 0.", default: "index" }),
    step: Type.Optional(
      steps<PlannedStep>({ form: "one", description: "The only step, with its settings beside `type` and `name`." }),
    ),
    steps: Type.Optional(
      steps<readonly PlannedStep[]>({ form: "list", description: "Steps, with settings beside `type` and `name`." }),
    ),
  }),
  output: outputOf(["results", "count"]),
  build(context, { collection, item_var, index_key, step, steps: list }) {
    const { name } = context;
    const prefix = `foreach step "${name}": `;
    if (step !== undefined && list !== undefined) {
      throw new WorkflowError("config.value", `${prefix}'step' and 'steps' are mutually exclusive`);
    }
    const parts = buildParts(context, list ?? (step === undefined ? [] : [step]));
    const enter = (frame: Frame, item: unknown, index: number): Frame => {
      const inner = frame.fork();
      setOwn(inner.current, item_var, item);
      setOwn(inner.current, index_key, index);
      if (!Object.hasOwn(inner.current, "foreach")) inner.current.foreach = { index, [item_var]: item };
      return inner;
    };
    return async (frame) => {
      const items = itemsOf(collection.get(frame), collection.text, prefix);
      const results: Record<string, unknown>[] = [];
      for (const [index, item] of items.entries()) {
        if (frame.signal.aborted) throw prefixed(prefix, frame.signal.reason, "run.cancelled");
        if (index % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
        results.push(await runParts(parts, enter(frame, item, index), `${prefix}iteration ${index}, `));
      }
      return { output: { results, count: results.length } };
    };
  },
});

interface Part {
  readonly name: string;
  readonly run: RunStep;
}

function buildParts({ build }: StepContext, planned: readonly PlannedStep[]): Part[] {
  return planned.map((step) => ({ name: step.name, run: build(step) }));
}

function itemsOf(value: unknown, path: string, prefix: string): readonly unknown[] {
  if (value === undefined) {
    throw new WorkflowError("step.failed", `${prefix}collection ${JSON.stringify(path)} not found in context`);
  }
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throw new WorkflowError("step.failed", `${prefix}expected a slice, got ${typeName(value)}`);
  }
  if (value.length <= foreachItemsMax) return value;
  throw new WorkflowError("step.failed", `${prefix}${value.length} items are more than ${foreachItemsMax}`);
}

/** Runs the steps for one item; a step that stops ends this item only, and jumps lead nowhere. */
async function runParts(parts: readonly Part[], frame: Frame, where: string): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const { name, run } of parts) {
    try {
      const { output = {}, stop } = await run(frame);
      frame.merge(name, output);
      for (const key of Object.keys(output)) setOwn(result, key, output[key]);
      if (stop === true) break;
    } catch (error) {
      throw prefixed(`${where}sub-step ${JSON.stringify(name)} failed: `, error, "step.failed");
    }
  }
  return result;
}

/** An assignment to `__proto__` would change the map's prototype. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") map[key] = value;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
