import type { Config } from "../config/config.ts";
import type { Registry } from "../define/registry.ts";
import { ConfigErrors, type WorkflowError } from "../error/error.ts";
import type { RefRequest } from "../schema/decode_context.ts";
import type { Node } from "../schema/node.ts";
import type { TemplateOptions } from "../template/template.ts";
import { checkEntryPoints } from "./entry_point.ts";
import { planModules, type PlannedModule } from "./module.ts";
import { orderModules } from "./order.ts";
import { planPipelines, type PlannedPipeline } from "./pipeline.ts";
import { checkPipelineCalls } from "./pipeline_call.ts";
import { Problems } from "./problems.ts";
import { checkRequirements } from "./requirement.ts";
import { planRoutePipelines, type PlannedRoutePipeline } from "./route_pipeline.ts";
import { resolveRefs, ServiceTable } from "./service_table.ts";
import { substituteValues } from "./substitute.ts";
import { planTriggers, type PlannedTrigger } from "./trigger.ts";
import { planWorkflows, type PlannedWorkflow } from "./workflow.ts";

/** What planning needs beside the configuration. Planning itself does no I/O but `readFile`. */
export interface PlanOptions {
  readonly registry: Registry;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workDir: string;
  readonly readFile: (path: string) => string;
  /** What the templates of the configuration may use beside the standard functions. */
  readonly templates?: TemplateOptions;
  /** Replaces the address of the first `http.server`. */
  readonly address?: string | undefined;
}

/** A reference with the module that serves it, or without when nothing does. */
export interface BoundRef {
  readonly request: RefRequest;
  /** The service's full name. */
  readonly service: string | undefined;
  /** For `refAll`: the names of all. */
  readonly all: readonly string[];
}

/** A checked and decoded configuration, in start order. Building it makes one generation; it is used once. */
export interface Plan {
  readonly config: Config;
  readonly modules: readonly PlannedModule[];
  readonly services: ServiceTable;
  readonly workflows: readonly PlannedWorkflow[];
  readonly pipelines: readonly PlannedPipeline[];
  readonly routePipelines: readonly PlannedRoutePipeline[];
  readonly triggers: readonly PlannedTrigger[];
  readonly extra: ReadonlyMap<string, Node>;
  readonly warnings: readonly WorkflowError[];
}

/** Decodes and checks an expanded configuration. Throws `ConfigErrors` with every problem. */
export function makePlan(written: Config, given: PlanOptions): Plan {
  const problems = new Problems();
  const { config, options } = substituteValues(written, given, problems);
  const modules = planModules(config, options, problems);
  const services = new ServiceTable(modules);
  const workflows = planWorkflows(config, options, problems);
  const pipelines = planPipelines(config, options, problems);
  const routePipelines = planRoutePipelines(config, options, problems);
  const triggers = planTriggers(config, pipelines, options, problems);
  for (const module of modules) resolveRefs(module, services, problems, module);
  for (const part of [...workflows, ...pipelines, ...routePipelines, ...triggers])
    resolveRefs(part, services, problems);
  checkPipelineCalls(pipelines, [...pipelines, ...routePipelines], problems);
  checkRequirements(config, options.registry, problems);
  checkEntryPoints(config, modules, problems);
  const ordered = orderModules(modules, services, problems);
  const warnings = [...config.warnings, ...problems.warnings];
  if (problems.errors.length > 0) throw new ConfigErrors(problems.errors, "", warnings);
  return {
    config: written,
    modules: ordered,
    services,
    workflows,
    pipelines,
    routePipelines,
    triggers,
    extra: config.extra,
    warnings,
  };
}
