import { WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { defineFunction } from "../define_function.ts";

/** Encodes a value. The encoder's refusal becomes `{}`, so that a template for a log line cannot fail on odd data. */
export default defineFunction({
  name: "json",
  summary: "The value as compact JSON with sorted keys; {} when it cannot be encoded.",
  parameters: [{ name: "value", type: "any", description: "The value; a missing one is null." }],
  call([value]) {
    try {
      return encodeJson(value ?? null);
    } catch (thrown) {
      if (thrown instanceof WorkflowError) return "{}";
      throw thrown;
    }
  },
});
