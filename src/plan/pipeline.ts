import type { Config } from "../config/config.ts";
import type { ErrorStrategy } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { child, type MapNode, type Node, scalarText, typeName } from "../schema/node.ts";
import { checkStepReferences } from "./step_reference.ts";
import type { BoundRef, PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";
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
  /** The inline trigger as written. */
  readonly trigger: Node | undefined;
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

const pipelineKeys = new Set(["trigger", "steps", "on_error", "timeout", "compensation", "name", "description", "ui"]);

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
    trigger: child(node, "trigger"),
    requests: refs,
    refs: [],
  };
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
