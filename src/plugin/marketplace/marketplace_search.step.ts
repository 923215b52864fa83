import { defineStep } from "../../define/define.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { searchCatalogue } from "./catalogue.ts";
import { marketplaceStep } from "./marketplace_step.ts";

/** Looks for plugins in the catalogue. */
export default defineStep({
  type: "step.marketplace_search",
  summary: "Search the catalogue of plugins.",
  category: "platform",
  effect: "read",
  config: Type.Object({
    query: template({ description: "Part of the name, the description or a tag; empty for all.", default: "" }),
    category: template({ description: "Category that the plugins belong to; empty for all.", default: "" }),
    tags: Type.Array(Type.String({ description: "Tag." }), {
      description: "Tags of which a plugin has at least one; empty for all.",
      default: [],
    }),
  }),
  output: outputOf(["results", "count", "query"]),
  build: (context, { query, category, tags }) =>
    marketplaceStep(context, async (installations, frame) => {
      const text = query.render(frame);
      const found = searchCatalogue({ query: text, category: category.render(frame), tags });
      const results = await Promise.all(found.map((entry) => installations.stateOf(entry)));
      return { results, count: results.length, query: text };
    }),
});
