import { defineModule } from "../../define/define.ts";
import type { SubstituteValue } from "../../define/definition.ts";
import { WorkflowError } from "../../error/error.ts";
import { Type } from "../../schema/field.ts";

const entry = Type.Object({
  env: Type.Optional(Type.String({ description: "Environment variable that sources of the type `env` read." })),
  required: Type.Boolean({ description: "Whether the configuration is refused without a value.", default: false }),
  default: Type.Optional(Type.String({ description: "Value that the source `defaults` gives." })),
  sensitive: Type.Boolean({
    description: "Whether messages show the reference instead of the value.",
    default: false,
  }),
  desc: Type.Optional(Type.String({ description: "Note for readers; not used." })),
});

const source = Type.Object({
  type: Type.String({ description: "`defaults`, or `env` for environment variables.", minLength: 1 }),
  prefix: Type.String({ description: "Put before the names of environment variables.", default: "" }),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Puts values from the environment and from defaults into the rest of the configuration. */
export default defineModule({
  type: "config.provider",
  summary: 'Values that replace `{{config "key"}}` everywhere else in the configuration.',
  category: "config",
  serviceName: "config.registry",
  carry: "instance",
  config: Type.Object({
    schema: Type.Record(Type.String(), entry, { description: "The keys, each with where its value comes from." }),
    sources: Type.Array(source, { description: "Where values come from; a later source replaces an earlier one." }),
  }),
  substitute(name, { schema, sources }, environment) {
    const values = new Map<string, SubstituteValue>();
    for (const { type, prefix } of sources) {
      for (const [key, facts] of Object.entries(schema)) {
        const text = read(type, facts, prefix, environment);
        if (text !== undefined) values.set(key, { text, isSensitive: facts.sensitive });
      }
    }
    const missing = Object.keys(schema).filter((key) => schema[key]?.required === true && !hasText(values.get(key)));
    if (missing.length > 0)
      throw refused(`config.provider module "${name}": missing required config keys: ${missing.join(", ")}`);
    return values;
  },
  create: () => ({}),
});

function hasText(value: SubstituteValue | undefined): boolean {
  return value !== undefined && value.text !== "";
}

function read(
  type: string,
  facts: { readonly env?: string; readonly default?: string },
  prefix: string,
  environment: Environment,
): string | undefined {
  switch (type) {
    case "defaults":
      return facts.default;
    case "env": {
      // A variable that is set to nothing counts as not set, as programs commonly treat it.
      const text = facts.env === undefined || facts.env === "" ? undefined : environment[prefix + facts.env];
      return text === "" ? undefined : text;
    }
    default:
      throw refused(`unsupported config source type: "${type}"`);
  }
}

function refused(reason: string): WorkflowError {
  const text = `config transform hook "config-provider-expansion" failed: ${reason}`;
  return new WorkflowError("config.value", text, { hint: "see `schema` and `sources` of the config.provider module" });
}
