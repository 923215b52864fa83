import { type Config, emptyMap } from "../config/config.ts";
import { ConfigErrors, WorkflowError } from "../error/error.ts";
import { expandMap, expandNode, findReferences, type Reference } from "../config/expand.ts";

/** Every `${…}` reference that counts: those of modules, workflows, triggers and pipelines. */
export function referencesOf(config: Config): readonly Reference[] {
  return [
    ...config.modules.flatMap((module) => [...findReferences(module)]),
    ...findReferences(withoutIntegrationSteps(config)),
    ...findReferences(config.triggers),
    ...findReferences(config.pipelines),
    ...[...config.extra.values()].flatMap((section) => [...findReferences(section)]),
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
    extra: new Map([...config.extra].map(([key, section]) => [key, expandNode(section, values)])),
  };
}

/** Shorter values are digits and the like: hiding them would spoil every message that holds a number. */
const hiddenLengthMin = 4;

/** A text with the references in the place of what they stand for. */
export function concealText(text: string, values: ReadonlyMap<string, string>): string {
  const hidden = [...values].filter(([, value]) => value.length >= hiddenLengthMin);
  hidden.sort(([, a], [, b]) => b.length - a.length);
  return hidden.reduce((shown, [reference, value]) => shown.replaceAll(value, () => `\${${reference}}`), text);
}

/** A failure with the references in the place of what they stand for, so that no value leaves by a message. */
export function concealValues(failure: unknown, values: ReadonlyMap<string, string>): unknown {
  if (values.size === 0 || !(failure instanceof WorkflowError)) return failure;
  const conceal = (text: string) => concealText(text, values);
  const concealed = (error: WorkflowError): WorkflowError =>
    new WorkflowError(error.code, conceal(error.message), {
      at: error.at,
      hint: error.hint === undefined ? undefined : conceal(error.hint),
      status: error.status,
      retryAfterS: error.retryAfterS,
      details: error.details,
    });
  if (!(failure instanceof ConfigErrors)) return concealed(failure);
  return new ConfigErrors(failure.problems.map(concealed), failure.prefix, failure.warnings.map(concealed));
}
