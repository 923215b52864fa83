import type { Static } from "typebox";
import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { asMap, isPlainMap, ownValue } from "../../json/map.ts";
import { any, anyMap, choice, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { type FieldFault, invalidFields, missingField } from "./invalid_input.ts";
import { compileRule, ruleWords } from "./validation_rule.ts";

const config = Type.Object({
  strategy: Type.Optional(
    choice(["required_fields", "json_schema"], {
      description: "How to check, beside `rules`; `required_fields` unless a `schema` is given alone.",
      invalid: "error",
    }),
  ),
  required_fields: Type.Array(Type.String(), {
    description: "Top-level keys that must be there, whatever their value.",
    default: [],
  }),
  schema: Type.Optional(
    anyMap({ description: "JSON Schema of which `required` and the `type` of top-level `properties` are checked." }),
  ),
  rules: Type.Array(
    Type.Object({
      field: Type.String({ description: "Key to check, or a path such as `address.city`.", minLength: 1 }),
      rule: choice(ruleWords, { description: "What must hold of the field when it is there.", invalid: "error" }),
      value: Type.Optional(any({ description: "Bound, pattern or list of allowed values of the rule." })),
    }),
    { description: "Rules; every field that breaks one is reported.", default: [] },
  ),
  source: valuePath("source", {
    description: "Map to check, `steps.<name>.<key>`; empty for all current values.",
    default: "",
  }),
});

/** Refuses runs whose data is not as it must be. */
export default defineStep({
  type: "step.validate",
  summary: "Check values and refuse the request when they are wrong.",
  category: "pipeline",
  effect: "pure",
  config,
  output: outputOf([]),
  build({ name }, settings) {
    const prefix = `validate step "${name}": `;
    const checks = compileChecks(settings, prefix);
    const { source } = settings;
    return (frame) => {
      const values = source.get(frame);
      if (!isPlainMap(values)) {
        const text = `${prefix}source ${JSON.stringify(source.text)} resolved to nil`;
        throw new WorkflowError("step.invalid_input", text);
      }
      let faults: FieldFault[] | undefined;
      for (const check of checks) {
        const fault = check(values);
        if (fault !== undefined) (faults ??= []).push(fault);
      }
      if (faults !== undefined) throw invalidFields(prefix, faults);
      return done;
    };
  },
});

const done = Object.freeze({});

type Values = Readonly<Record<string, unknown>>;
type Check = (values: Values) => FieldFault | undefined;

function compileChecks(settings: Static<typeof config>, prefix: string): Check[] {
  const { required_fields, rules } = settings;
  try {
    const schema = schemaOf(settings);
    const checks = [...required_fields.map(presence), ...(schema === undefined ? [] : schemaChecks(schema))];
    for (const rule of rules) checks.push(compileRule(rule));
    if (checks.length > 0 || schema !== undefined) return checks;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    throw new WorkflowError(error.code, prefix + error.message, { cause: error });
  }
  throw new WorkflowError("config.required", `${prefix}'required_fields' is required and must not be empty`, {
    hint: "or give `rules`, or `strategy: json_schema` with a `schema`",
  });
}

function schemaOf({ strategy, schema, required_fields, rules }: Static<typeof config>): Values | undefined {
  if (strategy !== "json_schema") {
    const isAlone = strategy === undefined && required_fields.length === 0 && rules.length === 0;
    return isAlone ? schema : undefined;
  }
  if (schema !== undefined) return schema;
  throw new WorkflowError("config.required", "'schema' is required for strategy json_schema");
}

function presence(field: string): Check {
  return (values) => (Object.hasOwn(values, field) ? undefined : missingField(field));
}

function schemaChecks(schema: Values): Check[] {
  const required = ownValue(schema, "required") ?? [];
  if (!Array.isArray(required)) throw new WorkflowError("config.value", "schema 'required' must be an array");
  const checks = required.filter((field) => typeof field === "string").map(presence);
  for (const [field, property] of Object.entries(asMap(ownValue(schema, "properties")))) {
    const type = ownValue(property, "type");
    if (typeof type === "string") checks.push(typeCheck(field, type));
  }
  return checks;
}

/** The type of a field that is there. Types that are not known here pass. */
function typeCheck(field: string, type: string): Check {
  return (values) => {
    if (!Object.hasOwn(values, field)) return undefined;
    const found = jsonType(values[field]);
    const isRight = type === found || (type === "integer" && found === "number") || !jsonTypes.has(type);
    if (isRight) return undefined;
    return { field, rule: "type", message: `field ${JSON.stringify(field)}: expected ${type}, got ${found}` };
  };
}

const jsonTypes = new Set(["string", "number", "integer", "boolean", "object", "array"]);

function jsonType(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}
