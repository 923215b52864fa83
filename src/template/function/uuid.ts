import { defineFunction } from "../define_function.ts";

/** A random identifier. */
export default defineFunction({
  name: "uuid",
  summary: "A random UUID, version 4, in lower case.",
  parameters: [],
  call: (_args, _scope, site) => site.uuid(),
});
