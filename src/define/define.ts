import type { TObject } from "typebox";
import type {
  AnyModuleDefinition,
  AnyPluginDefinition,
  AnySecretProviderDefinition,
  AnyStepDefinition,
  AnyTriggerDefinition,
  AnyWorkflowDefinition,
  ModuleDefinition,
  PluginDefinition,
  SecretProviderDefinition,
  StepDefinition,
  TriggerDefinition,
  WorkflowDefinition,
} from "./definition.ts";

// The registry holds definitions of every configuration type. Erasing the type is sound because `create` and `build`
// are only ever called with what the same definition's `config` schema decoded to.

/** Declares a module type. */
export function defineModule<const C extends TObject>(definition: ModuleDefinition<C>): AnyModuleDefinition {
  return { kind: "module", ...definition } as unknown as AnyModuleDefinition;
}

/** Declares a step type. */
export function defineStep<const C extends TObject>(definition: StepDefinition<C>): AnyStepDefinition {
  return { kind: "step", ...definition } as unknown as AnyStepDefinition;
}

/** Declares a trigger type. */
export function defineTrigger<const C extends TObject>(definition: TriggerDefinition<C>): AnyTriggerDefinition {
  return { kind: "trigger", ...definition } as unknown as AnyTriggerDefinition;
}

/** Declares a section of `workflows:`. */
export function defineWorkflow<const C extends TObject>(definition: WorkflowDefinition<C>): AnyWorkflowDefinition {
  return { kind: "workflow", ...definition } as unknown as AnyWorkflowDefinition;
}

/** Declares a source of `${scheme:key}` values. */
export function defineSecretProvider(definition: SecretProviderDefinition): AnySecretProviderDefinition {
  return { kind: "secret", ...definition };
}

/** Declares a family of components. */
export function definePlugin(definition: PluginDefinition): AnyPluginDefinition {
  return { kind: "plugin", ...definition };
}
