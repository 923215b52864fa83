import { fieldSchema, type FieldSchema } from "../schema/field.ts";
import { defaultConfigOf, type FormField, formFieldsOf } from "../schema/form.ts";
import { labelOf } from "../schema/label.ts";
import type { AnyModuleDefinition, AnyStepDefinition } from "./definition.ts";
import type { Registry, UnavailableType } from "./registry.ts";

/** A point where a node of the canvas is connected. */
export interface NodePort {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
}

/** A module or step type as the palette, the forms and the canvas need it. */
export interface TypeDescription {
  readonly type: string;
  readonly label: string;
  /** Group in the palette; `unavailable` for types that this build refuses. */
  readonly category: string;
  readonly description: string;
  readonly inputs: readonly NodePort[];
  readonly outputs: readonly NodePort[];
  readonly configFields: readonly FormField[];
  readonly defaultConfig: Readonly<Record<string, unknown>>;
}

/** Every module and step type by its name, then the known types that cannot be used. */
export function describeTypes(registry: Registry): ReadonlyMap<string, TypeDescription> {
  const steps = new Set(registry.steps.map(({ type }) => type));
  // A few steps may also stand among the modules; their settings are those of the step.
  const modules = registry.modules.filter(({ type }) => !steps.has(type));
  const described = [
    ...modules.map(describeModule),
    ...registry.steps.map(describeStep),
    ...[...registry.unavailable.values()].filter(isComponent).map(describeUnavailable),
  ];
  return new Map(described.map((description) => [description.type, description]));
}

function describeModule({ type, category, summary, config, provides }: AnyModuleDefinition): TypeDescription {
  const schema = fieldSchema(config);
  const outputs = (provides ?? []).map(({ name, title }) => ({ name, type: name, description: sentence(title) }));
  return { ...facts(type, category, summary, schema), inputs: inputsOf(schema), outputs };
}

function describeStep({ type, category, summary, config, endsRun }: AnyStepDefinition): TypeDescription {
  const schema = fieldSchema(config);
  const context = { name: "context", type: "PipelineContext", description: "Data of the run." };
  const result = { name: "result", type: "StepResult", description: "Output of the step." };
  const outputs = endsRun === true ? [] : [result];
  return { ...facts(type, category, summary, schema), inputs: [context, ...inputsOf(schema)], outputs };
}

/** Triggers and sections stand in the list of refused types under a prefix. */
function isComponent({ type }: UnavailableType): boolean {
  return !type.startsWith("trigger.") && !type.startsWith("workflow.");
}

function describeUnavailable({ type, reason }: UnavailableType): TypeDescription {
  return { ...facts(type, "unavailable", `Not available: ${reason}`, {}), inputs: [], outputs: [] };
}

function facts(
  type: string,
  category: string,
  description: string,
  schema: FieldSchema,
): Omit<TypeDescription, "inputs" | "outputs"> {
  return {
    type,
    label: labelOf(type.replace(/^step\./, "")),
    category,
    description,
    configFields: formFieldsOf(schema),
    defaultConfig: defaultConfigOf(schema),
  };
}

/** Fields that refer to modules, at any depth: what must or may be connected. */
function inputsOf(schema: FieldSchema): readonly NodePort[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => portsOf(key, field));
}

function portsOf(name: string, field: FieldSchema): readonly NodePort[] {
  const kind = field["x-kind"];
  if (kind === "ref" || kind === "refs") {
    const type = field["x-port"] ?? "any";
    return [{ name, type, ...(field.description === undefined ? {} : { description: field.description }) }];
  }
  const inner = [field.items, ...Object.values(field.patternProperties ?? {})].filter((part) => part !== undefined);
  return [...inputsOf(field), ...inner.flatMap((part) => portsOf(name, part))];
}

function sentence(title: string): string {
  return `${title.slice(0, 1).toUpperCase()}${title.slice(1)}.`;
}
