import { RE2JS } from "re2js";
import { messageOf, WorkflowError } from "../error/error.ts";

/** Longest text that is matched, in UTF-16 code units; it bounds the time that one value can take. */
export const matchedTextMax = 100_000;

/** Longest pattern, in UTF-16 code units. */
const patternMax = 10_000;

/** A pattern that needs time in proportion to the text, whatever the text is. */
export interface LinearRegexp {
  /** Whether the pattern occurs in the text. */
  test(text: string): boolean;
}

/**
 * Compiles a pattern of the RE2 syntax. JavaScript's own expressions go back and try again, so that a text chosen by a
 * client can hold up the process for years; RE2 follows all ways at once. Throws `config.value`.
 */
export function compileLinearRegexp(text: string): LinearRegexp {
  const shown = JSON.stringify(text.slice(0, 100));
  if (text.length > patternMax) throw new WorkflowError("config.value", `invalid pattern ${shown}…: it is too large`);
  try {
    const pattern = RE2JS.compile(text);
    return { test: (subject) => pattern.matcher(subject).find() };
  } catch (error) {
    const hint = "patterns are RE2: no look-around and no back-references";
    throw new WorkflowError("config.value", `invalid pattern ${shown}: ${messageOf(error)}`, { hint, cause: error });
  }
}
