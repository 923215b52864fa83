import { defineFunction } from "../define_function.ts";

/** Removes text from the beginning. */
export default defineFunction({
  name: "trimPrefix",
  summary: "The text without the prefix, if it begins with it.",
  parameters: [
    { name: "prefix", type: "string", description: "What to remove." },
    { name: "text", type: "string", description: "The text; usually piped in." },
  ],
  call([prefix, text]) {
    const [whole, affix] = [String(text), String(prefix)];
    return whole.startsWith(affix) ? whole.slice(affix.length) : whole;
  },
});
