import type { TObject } from "typebox";
import type { Config } from "../config/config.ts";
import type { AnyTriggerDefinition } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { decodeConfig } from "../schema/decode.ts";
import { child, type MapEntry, type MapNode, type Node, plainValue, scalarText, typeName } from "../schema/node.ts";
import { type Findings, makeDecoder, pathSubject } from "./decoder.ts";
import { emptyMap } from "../config/config.ts";
import type { PlannedPipeline } from "./pipeline.ts";
import type { BoundRef, PlanOptions } from "./plan.ts";
import { Problems } from "./problems.ts";

/** One entry of a trigger, decoded. */
export interface PlannedTrigger {
  readonly definition: AnyTriggerDefinition;
  readonly at: Position;
  readonly path: string;
  /** The pipeline whose inline trigger this is. */
  readonly pipeline: string | undefined;
  readonly workflow: string;
  readonly action: string;
  readonly params: Record<string, unknown>;
  readonly config: Record<string, unknown>;
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

interface Around {
  readonly config: Config;
  readonly options: PlanOptions;
  readonly problems: Problems;
}

/** Decodes the `triggers` section and the inline triggers of pipelines. */
export function planTriggers(
  config: Config,
  pipelines: readonly PlannedPipeline[],
  options: PlanOptions,
  problems: Problems,
): PlannedTrigger[] {
  const around = { config, options, problems };
  return [...planSection(around), ...pipelines.flatMap((pipeline) => planInline(pipeline, around))];
}

function planSection(around: Around): PlannedTrigger[] {
  const { config, options, problems } = around;
  const planned: PlannedTrigger[] = [];
  for (const [type, { value, keyAt }] of config.triggers.entries) {
    const definition = findTrigger(type, `triggers.${type}`, keyAt, options, problems);
    if (definition === undefined || (value.kind === "scalar" && value.value === null)) continue;
    for (const { node, path } of entriesOf(definition, value, `triggers.${type}`, problems)) {
      planned.push(...planEntry(definition, node, path, around));
    }
  }
  return planned;
}

function findTrigger(
  type: string,
  path: string,
  at: Position,
  { registry }: PlanOptions,
  problems: Problems,
): AnyTriggerDefinition | undefined {
  const definition = registry.trigger(type);
  if (definition !== undefined) return definition;
  const refused = registry.unavailable.get(`trigger.${type}`);
  const near = registry.nearest("trigger", type);
  const text =
    refused === undefined
      ? `${path}: unknown trigger type "${type}"`
      : `${path}: trigger type "${type}" is not available: ${refused.reason}`;
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  problems.error(
    new WorkflowError(refused === undefined ? "config.unknown_type" : "config.unavailable_type", text, {
      at: [at],
      hint,
    }),
  );
  return undefined;
}

/** The entries of a trigger: its list, or the list form `[{name, type, workflow}]`, or the section itself. */
function entriesOf(
  definition: AnyTriggerDefinition,
  value: Node,
  path: string,
  problems: Problems,
): { readonly node: Node; readonly path: string }[] {
  const { listKey } = definition;
  if (value.kind === "list") {
    return value.items.flatMap((item, index) => {
      const nested =
        listKey === undefined ? undefined : (child(item, listKey) ?? child(child(item, "config"), listKey));
      if (nested?.kind === "list")
        return nested.items.map((node, inner) => ({ node, path: `${path}[${index}].${listKey ?? ""}[${inner}]` }));
      // `{name, type, workflow}` names what the routes of the section do anyway.
      return [];
    });
  }
  if (listKey === undefined) return [{ node: value, path }];
  const list = child(value, listKey);
  if (list?.kind === "list") return list.items.map((node, index) => ({ node, path: `${path}.${listKey}[${index}]` }));
  const reason =
    list === undefined
      ? `${listKey} not found in ${definition.type} trigger configuration`
      : `${listKey} must be a list, got ${typeName(list)}`;
  problems.error(new WorkflowError("config.shape", `${path}: ${reason}`, { at: [list?.at ?? value.at] }));
  return [];
}

const commonKeys = new Set(["workflow", "action", "params"]);

function planEntry(definition: AnyTriggerDefinition, node: Node, path: string, around: Around): PlannedTrigger[] {
  const { problems } = around;
  if (node.kind !== "map") {
    problems.error(
      new WorkflowError("config.shape", `${path}: must be a map, got ${typeName(node)}`, { at: [node.at] }),
    );
    return [];
  }
  const workflow = scalarText(child(node, "workflow")) ?? "";
  const needsWorkflow = definition.listKey !== undefined;
  if (workflow === "" && needsWorkflow) {
    problems.error(
      new WorkflowError("config.required", `${path}.workflow: required config field "workflow" is missing`, {
        at: [node.at],
      }),
    );
    return [];
  }
  const own = new Map<string, MapEntry>([...node.entries].filter(([key]) => !commonKeys.has(key)));
  const params = child(node, "params");
  const target = {
    workflow,
    action: scalarText(child(node, "action")) ?? "",
    params: paramsOf(params, path, problems),
  };
  return [
    decodeEntry(definition, { ...node, entries: own }, { path, at: node.at, pipeline: undefined }, target, around),
  ];
}

function paramsOf(node: Node | undefined, path: string, problems: Problems): Record<string, unknown> {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return {};
  const value = plainValue(node);
  // The plain value of a map node is a map.
  if (node.kind === "map") return value as Record<string, unknown>;
  problems.error(
    new WorkflowError("config.shape", `${path}.params: must be a map, got ${typeName(node)}`, { at: [node.at] }),
  );
  return {};
}

interface Target {
  readonly workflow: string;
  readonly action: string;
  readonly params: Record<string, unknown>;
}

function decodeEntry(
  definition: AnyTriggerDefinition,
  node: MapNode,
  where: { readonly path: string; readonly at: Position; readonly pipeline: string | undefined },
  target: Target,
  { config, options, problems }: Around,
): PlannedTrigger {
  const findings: Findings = { refs: [], templates: [] };
  const context = makeDecoder({ config, plan: options, problems, subject: pathSubject }, findings);
  const decoded = decodeConfig<TObject>(definition.entry, node, { path: where.path, at: where.at }, context);
  return { definition, ...where, ...target, config: decoded, requests: findings.refs, refs: [] };
}

/** An inline trigger that cannot be used is a warning: the pipeline stays usable through the API. */
function planInline(pipeline: PlannedPipeline, around: Around): PlannedTrigger[] {
  const { trigger, name } = pipeline;
  if (trigger === undefined || (trigger.kind === "scalar" && trigger.value === null)) return [];
  const path = `${pipeline.path}.trigger`;
  const type = scalarText(child(trigger, "type"));
  const found = new Problems();
  const definition = type === undefined ? undefined : findTrigger(type, path, trigger.at, around.options, found);
  const written = child(trigger, "config");
  const node = written?.kind === "map" ? written : emptyMap(trigger.at);
  const target = { workflow: `pipeline:${name}`, action: "execute", params: {} };
  const where = { path: `${path}.config`, at: trigger.at, pipeline: name };
  const planned =
    definition === undefined ? undefined : decodeEntry(definition, node, where, target, { ...around, problems: found });
  for (const warning of found.warnings) around.problems.warn(warning);
  const [first] = found.errors;
  if (planned !== undefined && first === undefined) return [planned];
  const reason = first?.message ?? `${path}: a trigger needs a type`;
  const usable = "(pipeline still usable via API)";
  const text = `Pipeline "${name}": could not configure ${type ?? "its"} trigger ${usable}: ${reason}`;
  around.problems.warn(new WorkflowError("config.value", text, { at: first?.at ?? [trigger.at], hint: first?.hint }));
  return [];
}
