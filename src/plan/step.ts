import type { Static, TObject } from "typebox";
import type { Config } from "../config/config.ts";
import type { AnyStepDefinition, ErrorStrategy, PlannedStep, StepEffect } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { FoundTemplate, RefRequest, Subject } from "../schema/decode_context.ts";
import { decodeConfig } from "../schema/decode.ts";
import { child, type MapEntry, type MapNode, type Node, plainValue, scalarText, typeName } from "../schema/node.ts";
import { parseDuration } from "../time/duration.ts";
import { compileFieldPath, compileWrapped } from "../template/expression.ts";
import { templateFunctions } from "../template/functions.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { type Findings, makeDecoder } from "./decoder.ts";
import type { PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";

/** A decoded step with what the checks between steps need. */
export interface CheckedStep extends PlannedStep {
  /** What the step does to the world, with these settings. */
  readonly effect: StepEffect;
  /** Schema of the output for the step's settings. */
  readonly output: TObject;
  /** The steps it may route to; none are known when the settings could not be decoded. */
  readonly targets: readonly string[];
  /** The pipelines it calls. */
  readonly calls: readonly string[];
  readonly templates: readonly FoundTemplate[];
  readonly nested: readonly CheckedStep[];
  readonly condition: Template | undefined;
  readonly retry: StepRetry | undefined;
}

/** Repeats a failing step. Delays are in milliseconds and double up to the maximum. */
export interface StepRetry {
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** What decoding a step needs to know of its pipeline. */
export interface StepSurroundings {
  readonly config: Config;
  readonly options: PlanOptions;
  readonly problems: Problems;
  /** Collects the references of the whole pipeline. */
  readonly refs: RefRequest[];
  /** Put before messages: `pipeline "orders": `. */
  readonly prefix: string;
}

const stepKeys = new Set(["name", "type", "config", "on_error", "timeout", "if", "retry", "description", "ui"]);

/** Decodes a list of steps. Entries that cannot be decoded are reported and left out. */
export function planSteps(items: readonly Node[], path: string, surroundings: StepSurroundings): CheckedStep[] {
  return items.flatMap((item, index) => {
    const step = planStep(item, `${path}[${index}]`, surroundings);
    return step === undefined ? [] : [step];
  });
}

function planStep(item: Node, path: string, surroundings: StepSurroundings): CheckedStep | undefined {
  const { problems, prefix } = surroundings;
  if (item.kind !== "map") {
    const text = `${prefix}${path}: a step must be a map, got ${typeName(item)}`;
    problems.error(new WorkflowError("config.shape", text, { at: [item.at] }));
    return undefined;
  }
  const name = scalarText(child(item, "name")) ?? "";
  const definition = findStep(item, name, surroundings);
  if (definition === undefined) return undefined;
  for (const [key, entry] of item.entries) {
    if (stepKeys.has(key)) continue;
    const text = `${path}.${key}: "${key}" is not known here and has no effect`;
    problems.warn(
      new WorkflowError("config.unknown_key", text, { at: [entry.keyAt], hint: "settings belong under `config`" }),
    );
  }
  const frame = { name, at: item.at, path, definition };
  const common = readCommon(item, path, surroundings);
  const decoded = decodeStep(frame, child(item, "config"), surroundings);
  return { ...decoded, ...common, templates: [...decoded.templates, ...conditionReferences(item, path, common)] };
}

function findStep(
  item: MapNode,
  name: string,
  { options, problems, prefix }: StepSurroundings,
): AnyStepDefinition | undefined {
  const typeNode = child(item, "type");
  const type = scalarText(typeNode) ?? "";
  const definition = options.registry.step(type);
  if (definition !== undefined) return definition;
  const at = [typeNode?.at ?? item.at];
  const refused = options.registry.unavailable.get(type);
  if (refused !== undefined) {
    const text = `${prefix}step "${name}" (type ${type}): not available: ${refused.reason}`;
    problems.error(new WorkflowError("config.unavailable_type", text, { at }));
    return undefined;
  }
  const near = options.registry.nearest("step", type);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  const text = `${prefix}step "${name}" (type ${type}): unknown step type: ${type}`;
  problems.error(new WorkflowError("config.unknown_type", text, { at, hint }));
  return undefined;
}

interface StepDraft {
  readonly name: string;
  readonly at: Position;
  readonly path: string;
  readonly definition: AnyStepDefinition;
}

type DecodedStep = Omit<CheckedStep, "strategy" | "timeoutMs" | "condition" | "retry">;

function decodeStep(draft: StepDraft, settings: Node | undefined, surroundings: StepSurroundings): DecodedStep {
  const { config, options, problems, refs, prefix } = surroundings;
  const { definition, name } = draft;
  const findings: Findings = { refs, templates: [] };
  const nested: CheckedStep[] = [];
  const subject = stepSubject(definition.type, name, prefix);
  const steps = (node: Node, form: "one" | "list", path: string) => {
    const inner = planFlatSteps(node, form, { path, parent: name }, surroundings);
    nested.push(...inner);
    return form === "one" ? inner[0] : inner;
  };
  const context = makeDecoder({ config, plan: options, problems, subject, steps }, findings);
  const before = problems.errors.length;
  const where = { path: `${draft.path}.config`, at: draft.at };
  const decoded = decodeConfig<TObject>(definition.config, settings, where, context);
  const isSound = problems.errors.length === before;
  const output =
    typeof definition.output === "function"
      ? isSound
        ? definition.output(decoded, name)
        : openOutput
      : definition.output;
  return {
    name,
    type: definition.type,
    at: draft.at,
    definition,
    config: decoded,
    effect: isSound ? effectOf(definition, decoded, nested) : "write",
    output,
    targets: isSound ? (definition.routesTo?.(decoded) ?? []) : [],
    calls: isSound ? (definition.calls?.(decoded) ?? []) : [],
    templates: findings.templates,
    nested,
  };
}

function effectOf({ effect }: AnyStepDefinition, decoded: Static<TObject>, nested: readonly CheckedStep[]): StepEffect {
  if (typeof effect === "function") return effect(decoded);
  if (effect !== "nested") return effect;
  const inner = new Set(nested.map((step) => step.effect));
  return inner.has("write") ? "write" : inner.has("read") ? "read" : "pure";
}

/** Stands for an output that nothing is known of. */
const openOutput = { type: "object", properties: {}, additionalProperties: true } as unknown as TObject;

function stepSubject(type: string, name: string, prefix: string): Subject {
  const where = `${prefix}step "${name}" (type ${type}): `;
  const kind = type.replace(/^step\./, "");
  return {
    missing: (key) => `${where}${kind} step "${name}": '${key}' is required`,
    invalid: (key, _path, reason) => `${where}${kind} step "${name}": '${key}' ${reason}`,
  };
}

/** Sub-steps hold their settings beside `type` and `name`; a nested `config` map is merged under them. */
function planFlatSteps(
  node: Node,
  form: "one" | "list",
  where: { readonly path: string; readonly parent: string },
  surroundings: StepSurroundings,
): CheckedStep[] {
  const items = form === "list" && node.kind === "list" ? node.items : [node];
  return items.flatMap((item, index) => {
    const path = form === "list" ? `${where.path}[${index}]` : where.path;
    const fallback = form === "list" ? `${where.parent}-sub-${index}` : `${where.parent}-step`;
    if (item.kind !== "map") {
      const text = `${surroundings.prefix}${path}: a step must be a map, got ${typeName(item)}`;
      surroundings.problems.error(new WorkflowError("config.shape", text, { at: [item.at] }));
      return [];
    }
    const name = scalarText(child(item, "name")) ?? fallback;
    const definition = findStep(item, name, surroundings);
    if (definition === undefined) return [];
    if (definition.waits === true) {
      const where = `${surroundings.prefix}${path}: step "${name}" (type ${definition.type})`;
      const text = `${where} cannot stand inside another step`;
      const hint = "a run can wait only between the steps of its pipeline; put it there, or call a pipeline that waits";
      surroundings.problems.error(new WorkflowError("config.value", text, { at: [item.at], hint }));
      return [];
    }
    const draft = { name, at: item.at, path, definition };
    const decoded = decodeStep(draft, flatSettings(item), surroundings);
    return [{ ...decoded, strategy: undefined, timeoutMs: undefined, condition: undefined, retry: undefined }];
  });
}

function flatSettings(item: MapNode): MapNode {
  const entries = new Map<string, MapEntry>();
  const nested = child(item, "config");
  if (nested?.kind === "map") for (const [key, entry] of nested.entries) entries.set(key, entry);
  for (const [key, entry] of item.entries) {
    if (key === "name" || key === "type" || (key === "config" && nested?.kind === "map")) continue;
    entries.set(key, entry);
  }
  return { ...item, entries };
}

type CommonKeys = Pick<CheckedStep, "strategy" | "timeoutMs" | "condition" | "retry">;

function readCommon(item: MapNode, path: string, surroundings: StepSurroundings): CommonKeys {
  const { problems } = surroundings;
  return {
    strategy: readStrategy(child(item, "on_error"), `${path}.on_error`, problems),
    timeoutMs: readDuration(child(item, "timeout"), `${path}.timeout`, problems),
    condition: readCondition(child(item, "if"), `${path}.if`, surroundings),
    retry: readRetry(child(item, "retry"), `${path}.retry`, problems),
  };
}

/** Reads `on_error`. Any text but the three words means `stop`, as it always did; that is worth a warning. */
export function readStrategy(node: Node | undefined, path: string, problems: Problems): ErrorStrategy | undefined {
  const text = scalarText(node);
  if (text === undefined || node === undefined) return undefined;
  if (text === "stop" || text === "skip" || text === "compensate") return text;
  const message = `${path}: must be stop, skip or compensate, got ${JSON.stringify(text)}; stop is used`;
  problems.warn(new WorkflowError("config.value", message, { at: [node.at] }));
  return "stop";
}

/** Reads a duration; reports one that cannot be read. */
export function readDuration(node: Node | undefined, path: string, problems: Problems): number | undefined {
  const text = scalarText(node);
  if (text === undefined || node === undefined) return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.error(
      new WorkflowError("config.bad_duration", `${path}: invalid timeout ${JSON.stringify(text)}: ${message}`, {
        at: [node.at],
      }),
    );
    return undefined;
  }
}

/** `not .done` and `eq .size "small"` are calls; `status | lower` is a path. */
function startsWithFunction(text: string): boolean {
  const [word = "", ...rest] = text.trim().split(/\s+/);
  return rest.length > 0 && rest[0] !== "|" && templateFunctions.some(({ name }) => name === word);
}

function readCondition(
  node: Node | undefined,
  path: string,
  { options, problems }: StepSurroundings,
): Template | undefined {
  const text = scalarText(node);
  if (text === undefined || node === undefined) return undefined;
  const isTemplate = text.includes("{{");
  const isBare = /^\s*[.($]/.test(text) || startsWithFunction(text);
  const compile = isTemplate ? compileTemplate : isBare ? compileWrapped : compileFieldPath;
  const compiled = compile(text, options.templates);
  if (compiled.problem !== undefined) {
    problems.error(new WorkflowError("config.template", `${path}: ${compiled.problem.message}`, { at: [node.at] }));
  }
  return compiled;
}

/** What the condition refers to, for the checks between steps. */
function conditionReferences(item: MapNode, path: string, { condition }: CommonKeys): readonly FoundTemplate[] {
  const node = child(item, "if");
  if (condition === undefined || node?.kind !== "scalar") return [];
  return [{ references: condition.references, node, path: `${path}.if` }];
}

function readRetry(node: Node | undefined, path: string, problems: Problems): StepRetry | undefined {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return undefined;
  if (node.kind !== "map") {
    problems.error(
      new WorkflowError("config.shape", `${path}: must be a map, got ${typeName(node)}`, { at: [node.at] }),
    );
    return undefined;
  }
  const attempts = Number(plainValue(child(node, "max_attempts")) ?? 3);
  if (!Number.isInteger(attempts) || attempts < 1) {
    problems.error(
      new WorkflowError("config.value", `${path}.max_attempts: must be a whole number from 1`, { at: [node.at] }),
    );
  }
  return {
    maxAttempts: attempts,
    backoffMs: readDuration(child(node, "backoff"), `${path}.backoff`, problems) ?? 1000,
    maxBackoffMs: readDuration(child(node, "max_backoff"), `${path}.max_backoff`, problems) ?? 30_000,
  };
}
