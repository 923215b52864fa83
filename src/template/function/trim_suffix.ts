import { defineFunction } from "../define_function.ts";

/** Removes text from the end. */
export default defineFunction({
  name: "trimSuffix",
  summary: "The text without the suffix, if it ends with it.",
  parameters: [
    { name: "suffix", type: "string", description: "What to remove." },
    { name: "text", type: "string", description: "The text; usually piped in." },
  ],
  call([suffix, text]) {
    const [whole, affix] = [String(text), String(suffix)];
    return whole.endsWith(affix) ? whole.slice(0, whole.length - affix.length) : whole;
  },
});
