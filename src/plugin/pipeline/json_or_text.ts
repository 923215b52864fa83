import { parseJson } from "../../json/parse.ts";

/** The value of a text that is JSON, else the text. */
export function jsonOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Not JSON: the text itself is the value.
    return text;
  }
}
