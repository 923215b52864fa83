import { defineStep } from "../../define/define.ts";
import type { PlannedStep } from "../../define/definition.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { count, steps, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { PathExpression } from "../../template/expression.ts";
import { typeName } from "../../template/value.ts";
import { runBounded } from "./nested/bounded.ts";
import { buildNested, runNested, setOwn } from "./nested/nested_steps.ts";
import { nextTurn } from "../../time/turn.ts";

/** Most items of one loop. Guessed: far above what one run should do. */
export const foreachItemsMax = 100_000;

/** Most items at the same time. Guessed: each may hold a connection. */
const concurrencyMax = 1000;

/** Items after which other work gets a turn: steps that never wait would hold everything up. */
const itemsPerTurn = 256;

/** Runs steps once per item of a list. */
export default defineStep({
  type: "step.foreach",
  summary: "Run steps for each item of a list, one item after the other or several at the same time.",
  category: "pipeline",
  effect: "nested",
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
    concurrency: count({
      description: "Most items that are worked on at the same time.",
      default: 1,
      minimum: 1,
      maximum: concurrencyMax,
      invalid: "error",
    }),
    step: Type.Optional(
      steps<PlannedStep>({ form: "one", description: "The only step, with its settings beside `type` and `name`." }),
    ),
    steps: Type.Optional(
      steps<readonly PlannedStep[]>({ form: "list", description: "Steps, with settings beside `type` and `name`." }),
    ),
  }),
  output: outputOf(["results", "count"]),
  build(context, { collection, item_var, index_key, concurrency, step, steps: list }) {
    const { name } = context;
    const prefix = `foreach step "${name}": `;
    if (step !== undefined && list !== undefined) {
      throw new WorkflowError("config.value", `${prefix}'step' and 'steps' are mutually exclusive`);
    }
    const nested = buildNested(context, list ?? (step === undefined ? [] : [step]));
    const enter = (inner: Frame, item: unknown, index: number): Frame => {
      setOwn(inner.current, item_var, item);
      setOwn(inner.current, index_key, index);
      if (!Object.hasOwn(inner.current, "foreach")) inner.current.foreach = { index, [item_var]: item };
      return inner;
    };
    return async (frame) => {
      const { checkpoint } = frame;
      const items = itemsOf(collection, frame, prefix);
      // Filled first, so that the list never has holes.
      const results: Record<string, unknown>[] = items.map(() => ({}));
      await runBounded(frame, { count: items.length, limit: concurrency }, async (index, signal) => {
        const done = checkpoint?.done.get(index);
        if (done !== undefined) {
          results[index] = done;
          return;
        }
        if (signal.aborted) throw prefixed(prefix, signal.reason, "run.cancelled");
        if (index % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
        const inner = enter(frame.fork(String(index), signal), items[index], index);
        const result = await runNested(nested, inner, `${prefix}iteration ${index}, `);
        results[index] = result;
        await checkpoint?.save(index, result);
      });
      return { output: { results, count: results.length } };
    };
  },
});

function itemsOf(path: PathExpression, frame: Frame, prefix: string): readonly unknown[] {
  const value = path.get(frame);
  const refusal = (text: string) =>
    new WorkflowError(isOfClient(path, frame) ? "step.invalid_input" : "step.failed", prefix + text);
  if (value === undefined) throw refusal(`collection ${JSON.stringify(path.text)} not found in context`);
  if (value === null) return [];
  if (!Array.isArray(value)) throw refusal(`expected a slice, got ${typeName(value)}`);
  if (value.length > foreachItemsMax) throw refusal(`${value.length} items are more than ${foreachItemsMax}`);
  return value;
}

/** Whether the list is what an HTTP client sent, who is then told that it is wrong. */
function isOfClient({ path }: PathExpression, { exchange }: Frame): boolean {
  return exchange !== undefined && ["body", "query", "trigger"].includes(path[0] ?? "");
}
