import { defineStep } from "../../define/define.ts";
import { isPlainMap } from "../../json/map.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { storeField, storeOf, within } from "./store_field.ts";

/** Adds a document or replaces the one under its key. */
export default defineStep({
  type: "step.nosql_put",
  summary: "Write a document into a store.",
  category: "storage",
  effect: "write",
  config: Type.Object({
    store: storeField,
    key: template({ description: "Key of the document." }),
    item: Type.String({
      description:
        "Name of the value of the run to write. What is no map is put under `value`; when there is no value of that " +
        "name, all values are written.",
      default: "body",
      minLength: 1,
    }),
  }),
  output: outputOf(["stored", "key"]),
  build({ name }, { store, key, item }) {
    const prefix = `nosql_put step "${name}": `;
    return async (frame) => {
      const entry = key.render(frame);
      const document = documentIn(frame.current, item);
      await within(prefix, storeOf(store, prefix).put(entry, document, frame.signal));
      return { output: { stored: true, key: entry } };
    };
  },
});

function documentIn(current: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(current, name)) return current;
  const value = current[name];
  return isPlainMap(value) ? value : { value };
}
