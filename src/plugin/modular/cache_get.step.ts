import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { Cache } from "../../port/service.ts";
import { ref, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Reads one entry. A miss is a result, unless `miss_ok` is false. */
export default defineStep({
  type: "step.cache_get",
  summary: "Read a value from a cache.",
  category: "cache",
  effect: "read",
  config: Type.Object({
    cache: ref(Cache, { description: "Cache module to read." }),
    key: template({ description: "Key of the entry." }),
    output: Type.String({ description: "Output key that the value is put under.", default: "value", minLength: 1 }),
    miss_ok: Type.Boolean({ description: "Whether the pipeline goes on after a miss.", default: true }),
  }),
  output: ({ output }) => outputOf([output, "cache_hit"]),
  build({ name }, { cache, key, output, miss_ok }) {
    return async (frame) => {
      const entry = key.render(frame);
      const value = await cache.get(entry, frame.signal);
      if (value !== undefined) return { output: { [output]: value, cache_hit: true } };
      if (miss_ok) return { output: { [output]: "", cache_hit: false } };
      throw new WorkflowError(
        "step.cache_miss",
        `cache_get step "${name}": cache miss for key ${JSON.stringify(entry)}`,
      );
    };
  },
});
