import { WorkflowError } from "../../error/error.ts";
import { asMap, isPlainMap, ownValue } from "../../json/map.ts";
import { parseDuration } from "../../time/duration.ts";
import type { RunAction } from "./connector.ts";
import { compileStep, countAt, type SectionStep } from "./section_step.ts";

/** Most retries of one step. */
export const retriesMax = 1000;

/** The steps a section has, and how it makes others. */
export interface SectionSteps {
  readonly registry: string;
  readonly steps: readonly SectionStep[];
  /** Throws when the connector is not there or does not understand the action. */
  readonly compileAction: (step: string, connector: string, action: string) => RunAction;
}

/**
 * The steps that a trigger runs: those in its `params.steps`, else one made of `params.connector`, else the section's
 * own. Data of a run never chooses: a client could otherwise name any connector and any statement. The
 * action is the registry's name, or `registry:prefix`: a prefix chooses among the section's steps and names new ones.
 */
export function stepsToRun(
  section: SectionSteps,
  action: string,
  { data, params }: { readonly data: Record<string, unknown>; readonly params: Readonly<Record<string, unknown>> },
): readonly SectionStep[] {
  const colon = action.indexOf(":");
  const registry = colon < 0 ? action : action.slice(0, colon);
  const prefix = colon < 0 ? "" : action.slice(colon + 1);
  if (registry !== "" && registry !== section.registry) {
    throw new WorkflowError("run.missing_service", `integration registry service '${registry}' not found`);
  }
  const written = ownValue(params, "steps");
  if (Array.isArray(written)) return written.map((step, index) => adHoc(section, step, `${prefix || "step"}-${index}`));
  const connector = ownValue(params, "connector");
  if (typeof connector === "string" && connector !== "") {
    const { connector: _connector, action: _action, ...fixed } = params;
    const input = { ...data, ...fixed };
    return [adHoc(section, { connector, action: ownValue(params, "action") ?? prefix, input }, "step-0")];
  }
  const chosen = section.steps.filter(({ name }) => name.startsWith(prefix));
  if (chosen.length > 0 || section.steps.length === 0) return chosen;
  throw new WorkflowError("step.invalid_input", `no step of the integration begins with '${prefix}'`);
}

function adHoc({ compileAction }: SectionSteps, written: unknown, otherwise: string): SectionStep {
  if (!isPlainMap(written)) throw new WorkflowError("step.invalid_input", "a step must be a map");
  const name = textAt(written, "name") || otherwise;
  const connector = textAt(written, "connector");
  if (connector === "") throw new WorkflowError("step.invalid_input", `connector not specified for step '${name}'`);
  const action = textAt(written, "action");
  if (action === "") throw new WorkflowError("step.invalid_input", `action not specified for step '${name}'`);
  const delay = textAt(written, "retryDelay");
  const step = {
    name,
    connector,
    action,
    input: asMap(ownValue(written, "input")),
    onError: textAt(written, "onError"),
    retryCount: Math.min(countAt(written, "retryCount", 0), retriesMax),
    retryDelayMs: delay === "" ? 1000 : parseDuration(delay),
  };
  return compileStep(step, compileAction(name, connector, action));
}

function textAt(value: unknown, key: string): string {
  const found = ownValue(value, key);
  return typeof found === "string" ? found : "";
}
