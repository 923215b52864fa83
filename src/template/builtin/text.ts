import { defineFunction, type FunctionParameter } from "../define_function.ts";
import { refusal } from "../failure.ts";
import { formatText } from "../format.ts";
import { printNested, printValue } from "../print.ts";
import { isPrintable } from "../quote.ts";
import { isNil, typeName } from "../value.ts";

const values: FunctionParameter = { name: "values", type: "any", rest: true, description: "What to print." };

/** Prints values one after the other. */
export const print = defineFunction({
  name: "print",
  summary: "The values as text, with a space between two of which neither is a text.",
  parameters: [values],
  call: (args) => printed(args),
});

/** Prints values on a line. */
export const println = defineFunction({
  name: "println",
  summary: "The values as text, with a space between any two, and a line break.",
  parameters: [values],
  call: (args) => `${args.map((value) => printNested(value)).join(" ")}\n`,
});

/** Prints values by a format. */
export const printf = defineFunction({
  name: "printf",
  summary: 'The values put into a format such as "%s has %d items".',
  parameters: [{ name: "format", type: "string", description: "A format of Go's fmt package." }, values],
  call: ([format, ...args], _scope, { numberKinds }) => formatText(String(format), args, numberKinds.slice(1)),
});

const htmlEscapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["\0", "\uFFFD"],
]);

/** Escapes text for HTML. */
export const html = defineFunction({
  name: "html",
  summary: "The values as text that is safe inside HTML.",
  parameters: [values],
  call: (args) => escaped(args, (character) => htmlEscapes.get(character)),
});

const scriptEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["<", "\\u003C"],
  [">", "\\u003E"],
  ["&", "\\u0026"],
  ["=", "\\u003D"],
]);

/** Escapes text for a JavaScript string. */
export const js = defineFunction({
  name: "js",
  summary: "The values as text that is safe inside a JavaScript string.",
  parameters: [values],
  call: (args) =>
    escaped(
      args,
      (character) => scriptEscapes.get(character) ?? (isPrintable(character) ? character : unicodeEscape(character)),
    ),
});

/** Escapes text for a query string. */
export const urlquery = defineFunction({
  name: "urlquery",
  summary: "The values as text that is safe inside the query of a URL.",
  parameters: [values],
  call: (args) =>
    encodeURIComponent(plain(args).toWellFormed())
      .replaceAll("%20", "+")
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
});

/** Calls a function value. No data of a run is a function (methods are called by name), so it can only say so. */
export const call = defineFunction({
  name: "call",
  summary: 'Calls a function value. Data has none: write .Header.Get "X" for a method.',
  parameters: [
    { name: "function", type: "any", description: "The function." },
    { ...values, description: "Its arguments." },
  ],
  call([target], _scope, { numberKinds: [kind] }) {
    throw refusal(isNil(target) ? "call of nil" : `non-function of type ${typeName(target, kind)}`);
  },
});

function printed(args: readonly unknown[]): string {
  let text = "";
  for (const [index, value] of args.entries()) {
    const isApart = index > 0 && typeof value !== "string" && typeof args[index - 1] !== "string";
    text += isApart ? ` ${printNested(value)}` : printNested(value);
  }
  return text;
}

/** The text to escape: a missing value shows the way it does in output. */
function plain(args: readonly unknown[]): string {
  return printed(args.map((value) => (isNil(value) ? printValue(value) : value)));
}

function escaped(args: readonly unknown[], escape: (character: string) => string | undefined): string {
  let text = "";
  for (const character of plain(args)) text += escape(character) ?? character;
  return text;
}

function unicodeEscape(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
