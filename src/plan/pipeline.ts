import type { Config } from "../config/config.ts";
import type { ErrorStrategy } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { child, type MapNode, type Node, scalarText, shownText, typeName } from "../schema/node.ts";
import { checkStepReferences } from "./step_reference.ts";
import type { BoundRef, PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { type CheckedStep, planSteps, readDuration, readStrategy, type StepSurroundings } from "./step.ts";

/** A decoded pipeline. */
export interface PlannedPipeline {
  readonly name: string;
  readonly at: Position;
  readonly path: string;
  readonly steps: readonly CheckedStep[];
  readonly compensation: readonly CheckedStep[];
  readonly strategy: ErrorStrategy;
  readonly timeoutMs: number | undefined;
  /** What the configuration says; undefined leaves it to how a run is started. */
  readonly durability: Durability | undefined;
  readonly concurrency: Concurrency | undefined;
  /** The pipeline as written. */
  readonly node: MapNode;
  /** The inline trigger as written. */
  readonly trigger: Node | undefined;
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

/** How a run is to survive: not at all, by the commits around its write steps, or by one after every step. */
export type Durability = (typeof durabilities)[number];
const durabilities = ["none", "durable", "strict"] as const;

/** How many runs of a pipeline may be under way, and what becomes of those beyond. */
export interface Concurrency {
  /** Runs with the same text share a limit; all runs of the pipeline when absent. */
  readonly key: Template | undefined;
  readonly limit: number;
  readonly onExcess: (typeof excesses)[number];
}
const excesses = ["queue", "reject", "replace"] as const;

const pipelineKeys = new Set([
  "trigger",
  "steps",
  "on_error",
  "timeout",
  "compensation",
  "durability",
  "concurrency",
  "name",
  "description",
  "ui",
]);
const concurrencyKeys = new Set(["key", "limit", "on_excess"]);

/** Decodes the `pipelines` section. */
export function planPipelines(config: Config, options: PlanOptions, problems: Problems): PlannedPipeline[] {
  const pipelines: PlannedPipeline[] = [];
  for (const [name, { value, keyAt }] of config.pipelines.entries) {
    const path = `pipelines.${name}`;
    if (value.kind !== "map") {
      const text = `pipeline "${name}": failed to parse config: must be a map, got ${typeName(value)}`;
      problems.error(new WorkflowError("config.shape", text, { at: [value.at] }));
      continue;
    }
    for (const [key, entry] of value.entries) {
      if (pipelineKeys.has(key)) continue;
      const text = `${path}.${key}: "${key}" is not known here and has no effect`;
      problems.warn(new WorkflowError("config.unknown_key", text, { at: [entry.keyAt] }));
    }
    pipelines.push(
      planPipeline({ name, at: keyAt, path, prefix: `pipeline "${name}": ` }, value, { config, options, problems }),
    );
  }
  return pipelines;
}

/** Whether the runs of a pipeline are durable, however they are started. Others may be, by their trigger. */
export function isAlwaysDurable({ durability, strategy }: PlannedPipeline): boolean {
  return durability === undefined ? strategy === "compensate" : durability !== "none";
}

/** The name and place of a pipeline that is being decoded. */
export interface PipelineDraft {
  readonly name: string;
  readonly at: Position;
  readonly path: string;
  readonly prefix: string;
}

/** Decodes one pipeline, written in `pipelines` or at a route. */
export function planPipeline(
  draft: PipelineDraft,
  node: MapNode,
  around: { readonly config: Config; readonly options: PlanOptions; readonly problems: Problems },
): PlannedPipeline {
  const { name, path, prefix } = draft;
  const refs: RefRequest[] = [];
  const surroundings: StepSurroundings = { ...around, refs, prefix };
  const steps = planSteps(stepList(node, "steps", draft, around.problems), `${path}.steps`, surroundings);
  const compensating: StepSurroundings = { ...surroundings, prefix: prefix.replace(/: $/, " compensation: ") };
  const compensation = planSteps(
    stepList(node, "compensation", draft, around.problems),
    `${path}.compensation`,
    compensating,
  );
  checkStepReferences(steps, compensation, around.problems);
  return {
    name,
    at: draft.at,
    path,
    steps,
    compensation,
    strategy: readStrategy(child(node, "on_error"), `${path}.on_error`, around.problems) ?? "stop",
    timeoutMs: readTimeout(node, name, around.problems),
    durability: readDurability(node, draft, steps, around.problems),
    concurrency: readConcurrency(child(node, "concurrency"), `${path}.concurrency`, around),
    node,
    trigger: child(node, "trigger"),
    requests: refs,
    refs: [],
  };
}

/** Steps that wait for more than a moment need a run that outlives the process. */
function readDurability(
  node: MapNode,
  draft: PipelineDraft,
  steps: readonly CheckedStep[],
  problems: Problems,
): Durability | undefined {
  const written = child(node, "durability");
  const waiting = steps.find(({ definition }) => definition.waits === true);
  if (written === undefined) return waiting === undefined ? undefined : "durable";
  const chosen = readChoice(written, durabilities, `${draft.path}.durability`, problems);
  if (chosen === "none" && waiting !== undefined) {
    const text = `${draft.prefix}step "${waiting.name}" (type ${waiting.type}) waits, which needs a durable run`;
    const hint = "remove `durability: none`";
    problems.error(new WorkflowError("config.value", text, { at: [written.at], hint }));
  }
  return chosen;
}

function readConcurrency(
  node: Node | undefined,
  path: string,
  { problems, options }: { readonly problems: Problems; readonly options: PlanOptions },
): Concurrency | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== "map") {
    problems.error(
      new WorkflowError("config.shape", `${path}: must be a map, got ${typeName(node)}`, { at: [node.at] }),
    );
    return undefined;
  }
  for (const [key, entry] of node.entries) {
    if (concurrencyKeys.has(key)) continue;
    const text = `${path}.${key}: "${key}" is not known here and has no effect`;
    problems.warn(new WorkflowError("config.unknown_key", text, { at: [entry.keyAt] }));
  }
  const limitNode = child(node, "limit");
  const limit = Number(scalarText(limitNode) ?? Number.NaN);
  if (!Number.isInteger(limit) || limit < 1) {
    const at = [limitNode?.at ?? node.at];
    problems.error(new WorkflowError("config.value", `${path}.limit: must be a whole number from 1`, { at }));
  }
  const keyText = scalarText(child(node, "key"));
  const excess = child(node, "on_excess");
  return {
    key: keyText === undefined ? undefined : compileTemplate(keyText, options.templates),
    limit,
    onExcess:
      (excess === undefined ? undefined : readChoice(excess, excesses, `${path}.on_excess`, problems)) ?? "queue",
  };
}

function readChoice<T extends string>(
  node: Node,
  choices: readonly T[],
  path: string,
  problems: Problems,
): T | undefined {
  const text = scalarText(node);
  const chosen = choices.find((choice) => choice === text);
  if (chosen === undefined) {
    const message = `${path}: must be one of ${choices.join(", ")}, got ${shownText(node)}`;
    problems.error(new WorkflowError("config.value", message, { at: [node.at] }));
  }
  return chosen;
}

function readTimeout(node: MapNode, name: string, problems: Problems): number | undefined {
  const text = scalarText(child(node, "timeout"));
  if (text === undefined || text === "" || text === "0") return undefined;
  return readDuration(child(node, "timeout"), `pipeline "${name}"`, problems);
}

function stepList(node: MapNode, key: string, draft: PipelineDraft, problems: Problems): readonly Node[] {
  const list = child(node, key);
  if (list === undefined || (list.kind === "scalar" && list.value === null)) return [];
  if (list.kind === "list") return list.items;
  const text = `${draft.prefix}${key} must be a list, got ${typeName(list)}`;
  problems.error(new WorkflowError("config.shape", text, { at: [list.at] }));
  return [];
}
