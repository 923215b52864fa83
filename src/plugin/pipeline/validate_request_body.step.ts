import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { isPlainMap } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Frame } from "../../port/frame.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { invalidFields, missingField } from "./invalid_input.ts";
import { knownBody } from "./request_body.ts";

/** Reads the request's JSON object and refuses requests without the required fields. */
export default defineStep({
  type: "step.validate_request_body",
  summary: "Check that the request has a JSON object with the required fields.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    required_fields: Type.Array(Type.String(), {
      description: "Keys the body must have. With none, a request without a body is accepted too.",
      default: [],
    }),
  }),
  output: outputOf(["body"]),
  build({ name }, { required_fields }) {
    const prefix = `validate_request_body step "${name}": `;
    const judge = (body: Record<string, unknown> | undefined) => {
      if (body === undefined && required_fields.length > 0) {
        throw new WorkflowError("step.invalid_input", `${prefix}request body is required`);
      }
      const missing = required_fields.filter((field) => !Object.hasOwn(body ?? {}, field));
      if (missing.length > 0) throw invalidFields(prefix, missing.map(missingField));
      return { output: { body: body ?? null } };
    };
    return (frame: Frame) => {
      const known = knownBody(frame);
      const { exchange } = frame;
      if (known !== undefined || exchange?.hasBody !== true) return judge(known);
      return readObject(exchange, prefix).then(judge);
    };
  },
});

async function readObject(exchange: Exchange, prefix: string): Promise<Record<string, unknown> | undefined> {
  const text = await exchange.text();
  if (text.trim() === "") return undefined;
  const body = parse(text, prefix);
  if (isPlainMap(body)) return body;
  throw new WorkflowError("http.bad_json", `${prefix}invalid JSON body: it must be an object`);
}

function parse(text: string, prefix: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw prefixed(`${prefix}invalid JSON body: `, error, "http.bad_json");
  }
}
