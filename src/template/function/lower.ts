import { defineFunction } from "../define_function.ts";

/** Lower-cases text. */
export default defineFunction({
  name: "lower",
  summary: "The text in lower case.",
  parameters: [{ name: "text", type: "string", description: "The text." }],
  call: (args) => String(args[0]).toLowerCase(),
});
