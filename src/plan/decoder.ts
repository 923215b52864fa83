import type { Config } from "../config/config.ts";
import { WorkflowError } from "../error/error.ts";
import type { DecodeContext, FoundTemplate, RefRequest, Subject } from "../schema/decode_context.ts";
import type { Node } from "../schema/node.ts";
import type { PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";

/** What was found while decoding one component, beside its values. */
export interface Findings {
  readonly refs: RefRequest[];
  readonly templates: FoundTemplate[];
}

/** What decoding one component needs. */
export interface DecoderOptions {
  readonly config: Config;
  readonly plan: PlanOptions;
  readonly problems: Problems;
  readonly subject: Subject;
  /** Decodes steps inside steps; without it they are refused. */
  readonly steps?: (node: Node, form: "one" | "list", path: string) => unknown;
}

/** A decode context that gathers references and templates of one component. */
export function makeDecoder(options: DecoderOptions, findings: Findings): DecodeContext {
  return {
    subject: options.subject,
    configDir: options.config.configDir,
    workDir: options.plan.workDir,
    templates: options.plan.templates ?? {},
    problem: (problem) => options.problems.error(problem),
    warn: (problem) => options.problems.warn(problem),
    request: (request) => void findings.refs.push(request),
    template: (found) => void findings.templates.push(found),
    readFile: options.plan.readFile,
    steps: (node, form, path) => {
      if (options.steps !== undefined) return options.steps(node, form, path);
      throw new WorkflowError("internal.invariant", "only steps hold steps");
    },
  };
}

/** Words problems as `path: message`, the way of modules, workflow sections and triggers. */
export const pathSubject: Subject = {
  missing(key, path, { hasConfig, snake }) {
    if (!hasConfig) return `${path}: required config field "${key}" is missing (no config section)`;
    const advice = snake === undefined ? "" : `; found snake_case "${snake}" — use camelCase instead`;
    return `${path}: required config field "${key}" is missing${advice}`;
  },
  invalid: (key, path, reason) => `${path}: config field "${key}" ${reason}`,
};
