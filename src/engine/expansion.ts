import { type Config, emptyMap } from "../config/config.ts";
import { expandMap, expandNode, findReferences, type Reference } from "../config/expand.ts";

/** Every `${…}` reference that counts: those of modules, workflows, triggers and pipelines. */
export function referencesOf(config: Config): readonly Reference[] {
  return [
    ...config.modules.flatMap((module) => [...findReferences(module)]),
    ...findReferences(withoutIntegrationSteps(config)),
    ...findReferences(config.triggers),
    ...findReferences(config.pipelines),
  ];
}

/** In the steps of `workflows.integration`, `${step.field}` is the section's own syntax. */
function withoutIntegrationSteps(config: Config) {
  const entries = new Map(config.workflows.entries);
  const integration = entries.get("integration");
  if (integration?.value.kind === "map") {
    const own = new Map(integration.value.entries);
    own.delete("steps");
    entries.set("integration", { ...integration, value: { ...integration.value, entries: own } });
  }
  return { ...emptyMap(config.workflows.at), entries };
}

/** The configuration with the references replaced that `values` has, by their text. */
export function expandConfig(config: Config, values: ReadonlyMap<string, string>): Config {
  if (values.size === 0) return config;
  return {
    ...config,
    modules: config.modules.map((module) => expandNode(module, values)),
    workflows: expandMap(config.workflows, values),
    triggers: expandMap(config.triggers, values),
    pipelines: expandMap(config.pipelines, values),
  };
}
