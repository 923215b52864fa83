import { defineStep } from "../../define/define.ts";
import { Cache } from "../../port/service.ts";
import { ref, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Removes one entry; one that is not there is no error. */
export default defineStep({
  type: "step.cache_delete",
  summary: "Remove a value from a cache.",
  category: "cache",
  effect: "write",
  config: Type.Object({
    cache: ref(Cache, { description: "Cache module to change." }),
    key: template({ description: "Key of the entry." }),
  }),
  output: outputOf(["deleted"]),
  build(_context, { cache, key }) {
    return async (frame) => {
      await cache.delete(key.render(frame), frame.signal);
      return { output: { deleted: true } };
    };
  },
});
