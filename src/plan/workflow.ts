import type { TObject } from "typebox";
import type { Config } from "../config/config.ts";
import type { AnyWorkflowDefinition } from "../define/definition.ts";
import { type Position, WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import { decodeConfig } from "../schema/decode.ts";
import { type Findings, makeDecoder, pathSubject } from "./decoder.ts";
import type { BoundRef, PlanOptions } from "./plan.ts";
import type { Problems } from "./problems.ts";

/** A decoded section of `workflows:`. */
export interface PlannedWorkflow {
  readonly key: string;
  readonly at: Position;
  readonly definition: AnyWorkflowDefinition;
  readonly config: Record<string, unknown>;
  readonly requests: readonly RefRequest[];
  readonly refs: BoundRef[];
}

/** Decodes the sections of `workflows:`, `http` first and the others in file order. */
export function planWorkflows(config: Config, options: PlanOptions, problems: Problems): PlannedWorkflow[] {
  const planned: PlannedWorkflow[] = [];
  for (const [key, { value, keyAt }] of config.workflows.entries) {
    const definition = options.registry.workflow(key);
    if (definition === undefined) {
      // Naming a pipeline here was always without effect.
      if (config.pipelines.entries.has(key.replace(/^pipeline:/, ""))) continue;
      const refused = options.registry.unavailable.get(`workflow.${key}`);
      if (refused !== undefined) {
        const text = `workflows.${key}: workflow type "${key}" is not available: ${refused.reason}`;
        problems.error(new WorkflowError("config.unavailable_type", text, { at: [keyAt] }));
        continue;
      }
      const near = options.registry.nearest("workflow", key);
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      problems.error(
        new WorkflowError("config.unknown_type", `workflows.${key}: unknown workflow type "${key}"`, {
          at: [keyAt],
          hint,
        }),
      );
      continue;
    }
    const findings: Findings = { refs: [], templates: [] };
    const context = makeDecoder({ config, plan: options, problems, subject: pathSubject }, findings);
    const decoded = decodeConfig<TObject>(definition.config, value, { path: `workflows.${key}`, at: keyAt }, context);
    planned.push({ key, at: keyAt, definition, config: decoded, requests: findings.refs, refs: [] });
  }
  const isHttp = (workflow: PlannedWorkflow) => workflow.definition.key === "http";
  return [...planned.filter(isHttp), ...planned.filter((workflow) => !isHttp(workflow))];
}
