import type {
  AnyModuleDefinition,
  AnyStepDefinition,
  AnyTriggerDefinition,
  AnyWorkflowDefinition,
  ModuleInstance,
  TriggerInstance,
  WorkflowInstance,
} from "../../src/define/definition.ts";
import type { RunStep } from "../../src/port/frame.ts";
import type { Registry } from "../../src/define/registry.ts";
import { messageOf } from "../../src/error/error.ts";
import { silentLogger } from "../../src/log/logger.ts";
import { decodeConfig } from "../../src/schema/decode.ts";
import type { DecodeContext, RefRequest } from "../../src/schema/decode_context.ts";
import { fieldSchema, type FieldSchema } from "../../src/schema/field.ts";
import { nodeOf } from "../../src/schema/node.ts";
import { recorded } from "./recorder.ts";
import { anyService, quietRuntime } from "./stub.ts";

/** A component with settings, of any kind. */
export type Component = AnyModuleDefinition | AnyStepDefinition | AnyTriggerDefinition | AnyWorkflowDefinition;

/** Every component with settings. */
export function componentsOf(registry: Registry): readonly Component[] {
  return [...registry.modules, ...registry.steps, ...registry.triggers, ...registry.workflows];
}

/** Kind and name in YAML: `step step.set`. */
export function titleOf(component: Component): string {
  return `${component.kind} ${component.kind === "workflow" ? component.key : component.type}`;
}

/** The schema of the settings. */
export function settingsOf(component: Component): FieldSchema {
  return fieldSchema(component.kind === "trigger" ? component.entry : component.config);
}

const at = { file: "sample.yaml", line: 1, column: 1 };

/** What came of building a component from one sample. */
export interface Built {
  readonly instance: Instance | undefined;
  /** Why the sample was refused, by decoding or by building. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Decodes a sample and builds the component from it, noting in `read` which settings it reads. */
export function buildFrom(
  component: Component,
  sample: Readonly<Record<string, unknown>>,
  registry: Registry,
  read: Set<string>,
): Built {
  const problems: string[] = [];
  const warnings: string[] = [];
  const requests: RefRequest[] = [];
  const context = decodeContext(registry, problems, warnings, requests);
  const schema = component.kind === "trigger" ? component.entry : component.config;
  const decoded = decodeConfig(schema, nodeOf(sample, at), { path: "config", at }, context);
  // What was decoded with problems must not be used.
  if (problems.length > 0) return { instance: undefined, problems, warnings };
  for (const request of requests) request.bind(request.mode === "all" ? [anyService()] : anyService());
  const config = recorded(decoded, fieldSchema(schema), read);
  try {
    const instance = make(component, config);
    // Opening is synchronous and does no I/O, so it belongs to what can be shown cheaply.
    if (typeof instance === "object") instance.open?.();
    return { instance, problems, warnings };
  } catch (error) {
    return { instance: undefined, problems: [...problems, messageOf(error)], warnings };
  }
}

function decodeContext(
  registry: Registry,
  problems: string[],
  warnings: string[],
  requests: RefRequest[],
): DecodeContext {
  const planned = {
    name: "inner",
    type: "step.set",
    at,
    strategy: undefined,
    timeoutMs: undefined,
    config: {},
    definition: registry.step("step.set"),
  };
  return {
    subject: {
      missing: (key, path) => `${path}: ${key} is missing`,
      invalid: (_key, path, reason) => `${path} ${reason}`,
    },
    configDir: "/nowhere",
    workDir: "/nowhere",
    templates: {},
    problem: (problem) => void problems.push(problem.message),
    warn: (problem) => void warnings.push(problem.message),
    request: (request) => void requests.push(request),
    template: () => {},
    readFile: () => "{}",
    steps: (_node, form) => (form === "one" ? planned : [planned]),
  };
}

type Instance = ModuleInstance | TriggerInstance | WorkflowInstance | RunStep;

function make(component: Component, config: unknown): Instance {
  const runtime = quietRuntime;
  const shared = { at, log: silentLogger, runtime, name: "sample" };
  // The settings were decoded by the component's own schema, as the engine does it.
  const settings = config as never;
  switch (component.kind) {
    case "module":
      component.serviceNames?.("sample", settings);
      component.substitute?.("sample", settings, {});
      return component.create({ ...shared, type: component.type }, settings);
    case "step": {
      const target = (name: string) => ({ name, index: 0 });
      const { type } = component;
      if (typeof component.output === "function") component.output(settings, "sample");
      component.routesTo?.(settings);
      return component.build({ ...shared, type, pipeline: "sample", target, build: () => () => ({}) }, settings);
    }
    case "trigger": {
      const work = { target: runtime.dispatcher.target("sample", ""), params: {} };
      const place = { path: "triggers.sample", pipeline: undefined };
      return component.build({ ...shared, ...place, type: component.type }, settings, work);
    }
    case "workflow":
      return component.build({ ...shared, key: component.key }, settings);
  }
}
