import type { TObject } from "typebox";
import type {
  AnyModuleDefinition,
  AnyPluginDefinition,
  AnySecretProviderDefinition,
  AnyStepDefinition,
  AnyTriggerDefinition,
  AnyWorkflowDefinition,
  Definition,
  ModuleDefinition,
  PluginDefinition,
  SecretProviderDefinition,
  StepDefinition,
  TriggerDefinition,
  WorkflowDefinition,
} from "./definition.ts";

function erased<D extends Definition>(kind: D["kind"], definition: object): D {
  // The registry holds definitions of every configuration type. Erasing the type is sound because `create` and `build`
  // are only ever called with what the same definition's `config` schema decoded to.
  return { kind, ...definition } as unknown as D;
}

/** Declares a module type. */
export function defineModule<const C extends TObject>(definition: ModuleDefinition<C>): AnyModuleDefinition {
  return erased<AnyModuleDefinition>("module", definition);
}

/** Declares a step type. */
export function defineStep<const C extends TObject>(definition: StepDefinition<C>): AnyStepDefinition {
  return erased<AnyStepDefinition>("step", definition);
}

/** Declares a trigger type. */
export function defineTrigger<const C extends TObject>(definition: TriggerDefinition<C>): AnyTriggerDefinition {
  return erased<AnyTriggerDefinition>("trigger", definition);
}

/** Declares a section of `workflows:`. */
export function defineWorkflow<const C extends TObject>(definition: WorkflowDefinition<C>): AnyWorkflowDefinition {
  return erased<AnyWorkflowDefinition>("workflow", definition);
}

/** Declares a source of `${scheme:key}` values. */
export function defineSecretProvider(definition: SecretProviderDefinition): AnySecretProviderDefinition {
  return { kind: "secret", ...definition };
}

/** Declares a family of components. */
export function definePlugin(definition: PluginDefinition): AnyPluginDefinition {
  return { kind: "plugin", ...definition };
}
