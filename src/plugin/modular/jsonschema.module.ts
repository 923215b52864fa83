import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { defineModule } from "../../define/define.ts";
import { messageOf, WorkflowError } from "../../error/error.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { compileLinearRegexp } from "../../regexp/linear_regexp.ts";
import { SchemaValidator } from "../../port/service.ts";
import { Type } from "../../schema/field.ts";

/** Checks values against JSON Schemas of draft 7, 2019-09 and 2020-12, formats included. */
export default defineModule({
  type: "jsonschema.modular",
  summary: "Checks values against JSON Schemas.",
  category: "api",
  provides: [SchemaValidator],
  serviceName: "jsonschema.service",
  carry: "instance",
  config: Type.Object({}),
  create() {
    const service: SchemaValidator = {
      compile(schema) {
        const validate = compile(schema);
        return (value) => (validate(value) ? [] : (validate.errors ?? []).map(describe));
      },
    };
    return { service };
  },
});

function compile(schema: unknown): ValidateFunction {
  if (typeof schema !== "boolean" && !isPlainMap(schema)) {
    throw new WorkflowError("config.value", "a JSON Schema must be a map or a boolean");
  }
  // Patterns meet texts of strangers; this engine needs time in proportion to the text.
  const regExp = Object.assign((pattern: string) => compileLinearRegexp(pattern), { code: "linearRegExp" });
  const options = { allErrors: true, strict: false, code: { regExp } };
  const draft = ownValue(schema, "$schema");
  const isNew = typeof draft === "string" && /draft\/20(19-09|20-12)\//.test(draft);
  // An instance of its own each time: schemas that share an `$id` do not meet, and none is kept for ever.
  const ajv = isNew ? new Ajv2020(options) : new Ajv(options);
  addFormats.default(ajv);
  try {
    return ajv.compile(isNew && isPlainMap(schema) ? { ...schema, $schema: newestDraft } : schema);
  } catch (cause) {
    throw new WorkflowError("config.value", `the JSON Schema is not valid: ${messageOf(cause)}`, { cause });
  }
}

/** The vocabulary of 2019-09 is, for checking, a part of this one. */
const newestDraft = "https://json-schema.org/draft/2020-12/schema";

/** `/items/0/price must be >= 0`; the whole value is `/`. */
function describe({ instancePath, message, params }: ErrorObject): string {
  const extra = typeof params.additionalProperty === "string" ? ` (${params.additionalProperty})` : "";
  return `${instancePath === "" ? "/" : instancePath} ${message ?? "is not valid"}${extra}`;
}
