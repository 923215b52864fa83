import { nearestName } from "../schema/nearest.ts";
import type {
  AnyModuleDefinition,
  AnyPluginDefinition,
  AnySecretProviderDefinition,
  AnyStepDefinition,
  AnyTriggerDefinition,
  AnyWorkflowDefinition,
  Definition,
} from "./definition.ts";
import { assert } from "../error/error.ts";

/** A type that is known and whose building is refused, with what to use instead. */
export interface UnavailableType {
  readonly type: string;
  readonly reason: string;
}

/** A family's components and the plugin they belong to. */
export interface Family {
  readonly plugin: AnyPluginDefinition;
  readonly definitions: readonly Definition[];
}

/** Every component of the program, found by its name in YAML. Immutable once built. */
export interface Registry {
  readonly families: readonly Family[];
  readonly modules: readonly AnyModuleDefinition[];
  readonly steps: readonly AnyStepDefinition[];
  readonly triggers: readonly AnyTriggerDefinition[];
  readonly workflows: readonly AnyWorkflowDefinition[];
  readonly secretProviders: readonly AnySecretProviderDefinition[];
  readonly unavailable: ReadonlyMap<string, UnavailableType>;
  module(type: string): AnyModuleDefinition | undefined;
  step(type: string): AnyStepDefinition | undefined;
  trigger(type: string): AnyTriggerDefinition | undefined;
  workflow(key: string): AnyWorkflowDefinition | undefined;
  /** The module or step type that a mistyped one most likely means. */
  nearest(kind: "module" | "step" | "trigger" | "workflow", name: string): string | undefined;
}

/** Builds the registry from the families' exports. Throws `internal.invariant` when a name is taken twice. */
export function buildRegistry(families: readonly Family[], unavailable: readonly UnavailableType[]): Registry {
  const all = families.flatMap((family) => family.definitions);
  const modules = all.filter((definition) => definition.kind === "module");
  const steps = all.filter((definition) => definition.kind === "step");
  const triggers = all.filter((definition) => definition.kind === "trigger");
  const workflows = all.filter((definition) => definition.kind === "workflow");
  const moduleByType = byName(modules, (module) => [module.type, ...(module.aliases ?? [])]);
  const stepByType = byName(steps, (step) => [step.type, ...(step.aliases ?? [])]);
  const triggerByType = byName(triggers, (trigger) => [trigger.type]);
  const workflowByKey = byName(workflows, (workflow) => [workflow.key]);
  const names = { module: moduleByType, step: stepByType, trigger: triggerByType, workflow: workflowByKey };
  return {
    families,
    modules,
    steps,
    triggers,
    workflows,
    secretProviders: all.filter((definition) => definition.kind === "secret"),
    unavailable: new Map(unavailable.map((entry) => [entry.type, entry])),
    module: (type) => moduleByType.get(type),
    step: (type) => stepByType.get(type),
    trigger: (type) => triggerByType.get(type),
    workflow: (key) =>
      workflowByKey.get(key) ??
      workflows.find((workflow) => workflow.keyPrefix !== undefined && key.startsWith(workflow.keyPrefix)),
    nearest: (kind, name) => nearestName(name, names[kind].keys()),
  };
}

function byName<D>(definitions: readonly D[], namesOf: (definition: D) => readonly string[]): ReadonlyMap<string, D> {
  const result = new Map<string, D>();
  for (const definition of definitions) {
    for (const name of namesOf(definition)) {
      assert(!result.has(name), `component name "${name}" is used once`);
      result.set(name, definition);
    }
  }
  return result;
}
