import type { NumberKind } from "./define_function.ts";
import { exponentDigits, fixedDigits, generalDigits, hexadecimalDigits } from "./decimal.ts";
import { refusal } from "./failure.ts";
import { FormatReader, type Directive } from "./format_directive.ts";
import { outputCharactersMax, printDepthMax } from "./limit.ts";
import { printNested } from "./print.ts";
import { isPrintable, quoteCharacter, quoteText } from "./quote.ts";
import { asInt, isMap, isNil, isNumber, sortedKeys, typeName } from "./value.ts";

/**
 * Formats arguments as Go's `fmt.Sprintf` does. A value that does not fit its verb shows as `%!d(string=abc)`; an
 * integral number fits the verbs for ints and every number those for floats. Limits are in `limit.ts`.
 */
export function formatText(format: string, args: readonly unknown[], kinds: readonly NumberKind[] = []): string {
  const reader = new FormatReader(format, args);
  let text = reader.text();
  while (!reader.isDone) {
    text += reader.bare() ?? formatNext(reader, args, kinds);
    text += reader.text();
    if (text.length > outputCharactersMax) throw refusal(`cannot print more than ${outputCharactersMax} characters`);
  }
  return reader.firstUnused < args.length ? text + unusedArguments(args, reader.firstUnused, kinds) : text;
}

function formatNext(reader: FormatReader, args: readonly unknown[], kinds: readonly NumberKind[]): string {
  const { problem, directive } = reader.directive();
  if (directive === undefined) return problem;
  const index = reader.takeArgument();
  return problem + formatValue(args[index], directive, kinds[index], 0);
}

function unusedArguments(args: readonly unknown[], first: number, kinds: readonly NumberKind[]): string {
  const shown = args
    .slice(first)
    .map((value, index) => (isNil(value) ? "<nil>" : `${typeName(value, kinds[first + index])}=${printNested(value)}`));
  return `%!(EXTRA ${shown.join(", ")})`;
}

function formatValue(value: unknown, directive: Directive, kind: NumberKind | undefined, depth: number): string {
  const { verb } = directive;
  if (depth > printDepthMax) throw refusal(`cannot print data nested deeper than ${printDepthMax} levels`);
  if (verb === "T") return pad(isNil(value) ? "<nil>" : typeName(value, kind), directive);
  if (isNil(value) && depth > 0) return "<nil>";
  if (isNil(value)) return verb === "v" ? pad("<nil>", directive) : `%!${verb}(<nil>)`;
  if (verb === "v" && directive.sharp) return pad(goSyntax(value, depth), directive);
  // With this verb the plus asks for field names, not for a sign; maps have no other form.
  if (verb === "v" && directive.plus) return formatValue(value, { ...directive, plus: false }, kind, depth);
  return fitting(value, directive, depth) ?? mismatch(value, directive, kind, depth);
}

/** The formatted value, or undefined when the verb does not fit its type. */
function fitting(value: unknown, directive: Directive, depth: number): string | undefined {
  const { verb } = directive;
  if (typeof value === "string") return formatString(value, directive);
  if (isNumber(value)) return formatNumber(value, directive);
  if (typeof value === "boolean") return verb === "t" || verb === "v" ? pad(String(value), directive) : undefined;
  if (Array.isArray(value)) return `[${joined(value, (item) => formatValue(item, directive, undefined, depth + 1))}]`;
  if (value instanceof Uint8Array) return formatBytes(value, directive, depth);
  if (isMap(value)) {
    const part = (item: unknown) => formatValue(item, directive, undefined, depth + 1);
    const entry = (key: string) => `${part(key)}:${part(value[key])}`;
    return `map[${joined(sortedKeys(value), entry)}]`;
  }
  return verb === "v" || verb === "s" ? pad(printNested(value), directive) : undefined;
}

function mismatch(value: unknown, directive: Directive, kind: NumberKind | undefined, depth: number): string {
  const shown = formatValue(value, { ...directive, verb: "v", sharp: false }, kind, depth);
  return `%!${directive.verb}(${typeName(value, kind)}=${shown})`;
}

function joined<T>(items: readonly T[], format: (item: T) => string): string {
  let text = "";
  for (const [index, item] of items.entries()) {
    text += index === 0 ? format(item) : ` ${format(item)}`;
    if (text.length > outputCharactersMax) throw refusal(`cannot print more than ${outputCharactersMax} characters`);
  }
  return text;
}

function formatString(text: string, directive: Directive): string | undefined {
  const { verb, precision } = directive;
  const kept = precision === undefined ? text : [...text].slice(0, precision).join("");
  switch (verb) {
    case "s":
    case "v":
      return pad(kept, directive);
    case "q":
      return pad(directive.sharp && !kept.includes("`") ? `\`${kept}\`` : quoteText(kept), directive);
    case "x":
    case "X":
      return pad(hexadecimal(new TextEncoder().encode(text), directive), directive);
    default:
      return undefined;
  }
}

function formatBytes(bytes: Uint8Array, directive: Directive, depth: number): string | undefined {
  const { verb } = directive;
  if (verb === "s" || verb === "q") {
    return formatString(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), directive);
  }
  if (verb === "x" || verb === "X") return pad(hexadecimal(bytes, directive), directive);
  return `[${joined([...bytes], (byte) => formatValue(byte, directive, "int", depth + 1))}]`;
}

function hexadecimal(bytes: Uint8Array, { verb, precision, sharp, space }: Directive): string {
  const digits = [...bytes.subarray(0, precision)].map((byte) => byte.toString(16).padStart(2, "0"));
  const prefix = sharp && digits.length > 0 ? "0x" : "";
  const text = prefix + digits.join(space ? ` ${prefix}` : "");
  return verb === "X" ? text.toUpperCase() : text;
}

function formatNumber(value: number | bigint, directive: Directive): string | undefined {
  const { verb } = directive;
  if ("bcdoOqUxX".includes(verb)) {
    const integer = typeof value === "bigint" ? value : Number.isInteger(value) ? BigInt(value) : undefined;
    if (integer !== undefined) return formatInteger(integer, directive);
    return verb === "x" || verb === "X" ? formatFloat(Number(value), directive) : undefined;
  }
  if (verb === "v" && typeof value === "bigint") return formatInteger(value, { ...directive, verb: "d" });
  return "eEfFgGv".includes(verb) ? formatFloat(Number(value), directive) : undefined;
}

function formatInteger(value: bigint, directive: Directive): string {
  const { verb, sharp, precision } = directive;
  if (verb === "c" || verb === "q" || verb === "U") return formatCharacter(value, directive);
  const size = value < 0n ? -value : value;
  const radix = verb === "b" ? 2 : verb === "o" || verb === "O" ? 8 : verb === "d" ? 10 : 16;
  const digits = size.toString(radix).padStart(precision ?? 0, "0");
  const prefix = verb === "O" ? "0o" : sharp ? ({ b: "0b", o: "0", x: "0x", X: "0x" }[verb] ?? "") : "";
  const shown = verb === "X" ? (prefix + digits).toUpperCase() : prefix + digits;
  return padNumber(value < 0n, shown, { ...directive, zero: directive.zero && precision === undefined });
}

function formatCharacter(value: bigint, directive: Directive): string {
  const code = asInt(value);
  const isCharacter = code !== undefined && code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  const character = String.fromCodePoint(isCharacter ? code : 0xfffd);
  if (directive.verb === "c") return pad(character, directive);
  if (directive.verb === "q") return pad(quoteCharacter(character), directive);
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const name = `U+${digits.padStart(Math.max(directive.precision ?? 4, 4), "0")}`;
  return pad(directive.sharp && isCharacter && isPrintable(character) ? `${name} '${character}'` : name, directive);
}

function formatFloat(value: number, directive: Directive): string {
  const { verb, precision } = directive;
  const isNegative = value < 0 || (Object.is(value, -0) && verb !== "v" && verb !== "g");
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? "NaN" : "Inf";
    const signed = { ...directive, zero: false, plus: directive.plus || (text === "Inf" && verb === "v") };
    return padNumber(isNegative, text, signed);
  }
  const size = Math.abs(value);
  return padNumber(isNegative, floatDigits(verb, size, precision), directive);
}

function floatDigits(verb: string, size: number, precision: number | undefined): string {
  switch (verb) {
    case "e":
      return exponentDigits(size, precision ?? 6);
    case "E":
      return exponentDigits(size, precision ?? 6).toUpperCase();
    case "f":
    case "F":
      return fixedDigits(size, precision ?? 6);
    case "x":
      return hexadecimalDigits(size);
    case "X":
      return hexadecimalDigits(size).toUpperCase();
    case "G":
      return generalDigits(size, precision).toUpperCase();
    default:
      return generalDigits(size, precision);
  }
}

function padNumber(isNegative: boolean, digits: string, directive: Directive): string {
  const sign = isNegative ? "-" : directive.plus ? "+" : directive.space ? " " : "";
  const text = directive.zero ? digits.padStart(directive.width - sign.length, "0") : digits;
  return pad(sign + text, { ...directive, zero: false });
}

/** Fills up to the width, counted in characters. */
function pad(text: string, { width, left, zero }: Directive): string {
  if (width <= text.length / 2) return text;
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  return left ? text + " ".repeat(missing) : (zero ? "0" : " ").repeat(missing) + text;
}

/** A value as `%#v` shows it: in the syntax of Go. */
function goSyntax(value: unknown, depth: number): string {
  if (depth > printDepthMax) throw refusal(`cannot print data nested deeper than ${printDepthMax} levels`);
  if (isNil(value)) return "interface {}(nil)";
  if (typeof value === "string") return quoteText(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map((item) => goSyntax(item, depth + 1)).join(", ")}}`;
  if (value instanceof Uint8Array) return `[]byte{${[...value].map((byte) => `0x${byte.toString(16)}`).join(", ")}}`;
  if (!isMap(value)) return printNested(value);
  const entries = sortedKeys(value).map((key) => `${quoteText(key)}:${goSyntax(value[key], depth + 1)}`);
  return `map[string]interface {}{${entries.join(", ")}}`;
}
