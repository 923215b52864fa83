import { type Config, emptyMap } from "../config/config.ts";
import { expandMap, expandNode, findReferences, type Reference } from "../config/expand.ts";

/** Every `${…}` reference that counts: those of modules, workflows, triggers and pipelines. */
export function referencesOf(config: Config): readonly Reference[] {
  return [
    ...config.modules.flatMap((module) => [...findReferences(module)]),
    ...findReferences(withoutIntegration(config)),
    ...findReferences(config.triggers),
    ...findReferences(config.pipelines),
  ];
}

/** In `workflows.integration`, `${step.field}` is the section's own syntax. */
function withoutIntegration(config: Config) {
  const entries = new Map(config.workflows.entries);
  entries.delete("integration");
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
