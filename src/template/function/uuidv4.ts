import { defineFunction } from "../define_function.ts";

/** The same as `uuid`, under the name that says which version. */
export default defineFunction({
  name: "uuidv4",
  summary: "A random UUID, version 4, in lower case.",
  parameters: [],
  call: (_args, _scope, site) => site.uuid(),
});
