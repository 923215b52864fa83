import { defineFunction } from "../define_function.ts";
import { isNil } from "../value.ts";

/** Replaces what is missing. Zero, false and empty lists are values, so they stay. */
export default defineFunction({
  name: "default",
  summary: "The value, or the fallback when the value is missing, nil or an empty text.",
  parameters: [
    { name: "fallback", type: "any", description: "Used when there is no value." },
    { name: "value", type: "any", description: "The value; usually piped in." },
  ],
  call: ([fallback, value]) => (isNil(value) || value === "" ? fallback : value),
});
