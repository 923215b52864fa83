import { WorkflowError } from "../error/error.ts";
import type { FoundTemplate } from "../schema/decode_context.ts";
import { type FieldSchema, fieldSchema } from "../schema/field.ts";
import { nearestName } from "../schema/nearest.ts";
import type { Problems } from "./problems.ts";
import type { CheckedStep } from "./step.ts";

interface Visible {
  readonly before: ReadonlyMap<string, FieldSchema>;
  /** Every step of the pipeline, for telling a forward reference from an unknown step. */
  readonly all: ReadonlyMap<string, FieldSchema>;
  /** Some step can jump back, so that a later one may have run. */
  readonly canLoop: boolean;
}

/**
 * Checks `.steps.<name>.<key>` in templates and paths: the step must exist, come earlier, and give the key. What is
 * found is a warning, since a template that refers to nothing prints `<no value>` and configurations may rely on it.
 */
export function checkStepReferences(
  steps: readonly CheckedStep[],
  compensation: readonly CheckedStep[],
  problems: Problems,
): void {
  const all = new Map(steps.map((step) => [step.name, fieldSchema(step.output)]));
  const canLoop = jumpsBack(steps);
  const before = new Map<string, FieldSchema>();
  for (const step of steps) {
    checkStep(step, { before, all, canLoop }, problems);
    before.set(step.name, fieldSchema(step.output));
  }
  checkRoutes(steps, problems);
  for (const step of compensation) checkStep(step, { before: all, all, canLoop: true }, problems);
}

/** True when a step routes to itself or to one before it. */
function jumpsBack(steps: readonly CheckedStep[]): boolean {
  const names = steps.map((step) => step.name);
  return steps.some((step, index) =>
    targetsOf(step).some((target) => names.indexOf(target) <= index && names.includes(target)),
  );
}

function targetsOf(step: CheckedStep): readonly string[] {
  return [...step.targets, ...step.nested.flatMap(targetsOf)];
}

/** Warns about routes to steps that do not exist, and about branches that run on into a sibling. */
function checkRoutes(steps: readonly CheckedStep[], problems: Problems): void {
  const names = steps.map((step) => step.name);
  for (const step of steps) {
    const targets = [...new Set(targetsOf(step))];
    for (const target of targets.filter((name) => !names.includes(name))) {
      const near = nearestName(target, names);
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      const text = `step "${step.name}" routes to step "${target}", which is not defined`;
      problems.warn(new WorkflowError("config.step_reference", text, { at: [step.at], hint }));
    }
    for (const target of targets) {
      const index = names.indexOf(target);
      const branch = steps[index];
      const next = names[index + 1];
      if (branch === undefined || next === undefined || !targets.includes(next)) continue;
      if (targetsOf(branch).length > 0 || endsRun(branch) || steps[index + 1]?.condition !== undefined) continue;
      const text = `after branch "${target}" the run goes on into its sibling "${next}"`;
      const hint = "end a branch with a response step, or route from it";
      problems.warn(new WorkflowError("config.step_reference", text, { at: [branch.at], hint }));
    }
  }
}

function endsRun(step: CheckedStep): boolean {
  return step.definition.endsRun === true;
}

function checkStep(step: CheckedStep, visible: Visible, problems: Problems): void {
  for (const found of step.templates) checkTemplate(found, step, visible, problems);
  const inside = new Map(visible.before);
  const all = new Map(visible.all);
  for (const nested of step.nested) all.set(nested.name, fieldSchema(nested.output));
  for (const nested of step.nested) {
    checkStep(nested, { before: inside, all, canLoop: visible.canLoop }, problems);
    inside.set(nested.name, fieldSchema(nested.output));
  }
}

function checkTemplate(found: FoundTemplate, step: CheckedStep, visible: Visible, problems: Problems): void {
  for (const reference of found.references) {
    const [root, name, ...rest] = reference.path;
    if (root !== "steps" || name === undefined || reference.guarded) continue;
    const reason = judge(name, rest, step, visible);
    if (reason === undefined) continue;
    const at = { ...found.node.at, column: found.node.at.column + columnOffset(found, reference.offset) };
    problems.warn(
      new WorkflowError("config.step_reference", `${found.path}: ${reason.text}`, { at: [at], hint: reason.hint }),
    );
  }
}

/** Inside a one-line text the offset is a column; in a block the start of the text has to do. */
function columnOffset(found: FoundTemplate, offset: number): number {
  const text = String(found.node.value);
  if (text.includes("\n")) return 0;
  return offset + (found.node.isQuoted === true ? 1 : 0);
}

interface Reason {
  readonly text: string;
  readonly hint: string | undefined;
}

function judge(name: string, rest: readonly string[], step: CheckedStep, visible: Visible): Reason | undefined {
  const output = visible.before.get(name);
  if (output === undefined) {
    if (!visible.all.has(name)) {
      const near = nearestName(name, visible.all.keys());
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      return { text: `refers to step "${name}", which is not defined`, hint };
    }
    if (visible.canLoop) return undefined;
    const text =
      name === step.name
        ? `refers to the output of its own step "${name}"`
        : `refers to step "${name}", which runs later`;
    return { text, hint: "a step sees the outputs of the steps before it" };
  }
  const missing = missingKey(output, rest);
  if (missing === undefined) return undefined;
  const near = nearestName(missing.key, missing.known);
  const known = missing.known.length === 0 ? "it gives nothing" : `it gives ${missing.known.join(", ")}`;
  const hint = near === undefined ? known : `did you mean "${near}"? ${known}`;
  return { text: `step "${name}" never gives "${missing.key}"`, hint };
}

function missingKey(
  schema: FieldSchema,
  path: readonly string[],
): { readonly key: string; readonly known: string[] } | undefined {
  let here: FieldSchema = schema;
  for (const key of path) {
    if (
      here.properties === undefined ||
      (here.additionalProperties !== undefined && here.additionalProperties !== false)
    ) {
      const open = here.properties?.[key];
      if (open === undefined) return undefined;
      here = open;
      continue;
    }
    const next = here.properties[key];
    // A failed step that was skipped gives these two instead of its own output.
    if (next === undefined && (key === "_error" || key === "_skipped")) return undefined;
    if (next === undefined) return { key, known: Object.keys(here.properties) };
    here = next;
  }
  return undefined;
}
