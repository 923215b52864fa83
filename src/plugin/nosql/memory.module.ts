import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { compareUtf8 } from "../../json/key_order.ts";
import { asMap } from "../../json/map.ts";
import { normalize } from "../../json/normalize.ts";
import { DocumentStore } from "../../port/document_store.ts";
import { count, Type } from "../../schema/field.ts";

/** Keeps documents in this process. They are gone when it ends. */
export default defineModule({
  type: "nosql.memory",
  summary: "Store of documents inside the process; they do not outlive it, and every replica has its own.",
  category: "storage",
  provides: [DocumentStore],
  carry: "instance",
  config: Type.Object({
    collection: Type.Optional(
      Type.String({ description: "Name of the collection in metrics and messages; the module's name without." }),
    ),
    maxItems: count({
      description: "Most documents; beyond it new ones are refused.",
      default: 100_000,
      minimum: 1,
    }),
  }),
  create({ name, runtime }, { collection = name, maxItems }) {
    const documents = new Map<string, Readonly<Record<string, unknown>>>();
    const service: DocumentStore = {
      async get(key) {
        const document = documents.get(key);
        return document === undefined ? undefined : copyOf(document);
      },
      async put(key, document) {
        if (documents.size >= maxItems && !documents.has(key)) {
          const text = `collection ${JSON.stringify(collection)} already holds ${maxItems} documents`;
          throw new WorkflowError("http.storage_full", text);
        }
        documents.set(key, copyOf(document));
      },
      async delete(key) {
        documents.delete(key);
      },
      async query({ prefix }) {
        const found = [...documents].filter(([key]) => key.startsWith(prefix));
        found.sort(([a], [b]) => compareUtf8(a, b));
        return found.map(([key, document]) => ({ ...copyOf(document), _key: key }));
      },
    };
    return {
      service,
      start(scope) {
        const labels = { module: name, collection };
        const help = "Documents of a store in memory.";
        scope.defer(
          "gauge",
          runtime.metrics.gauge("nosql_documents", help, labels, () => documents.size),
        );
      },
    };
  },
});

/** A copy as JSON would carry it, so that neither side can change what the other one has. */
function copyOf(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return asMap(normalize(document).value);
}
