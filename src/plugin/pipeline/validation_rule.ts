import { messageOf, WorkflowError } from "../../error/error.ts";
import { isPlainMap } from "../../json/map.ts";
import { walk } from "../../template/value.ts";
import { type FieldFault, missingField } from "./invalid_input.ts";
import { compileLinearRegexp, matchedTextMax } from "../../regexp/linear_regexp.ts";
import { isDate, isEmail, isUuid, isWebUrl, numberOf } from "./text_form.ts";

/** What can be asked of a field. */
export const ruleWords = [
  "required",
  "email",
  "url",
  "uuid",
  "min",
  "max",
  "minLength",
  "maxLength",
  "pattern",
  "enum",
  "integer",
  "number",
  "boolean",
  "date",
] as const;

type RuleWord = (typeof ruleWords)[number];

/** A rule as written. */
export interface FieldRule {
  readonly field: string;
  readonly rule: RuleWord;
  readonly value?: unknown;
}

/** Says what is wrong with a value, as the end of the sentence "field x …"; undefined when nothing is. */
type Judge = (value: unknown) => string | undefined;

/**
 * Compiles a rule to a check of a map. Only `required` minds a field that is missing or null. Throws `config.value` for
 * a rule without the `value` that it needs.
 */
export function compileRule({ field, rule, value }: FieldRule): (values: Values) => FieldFault | undefined {
  const read = fieldReader(field);
  if (rule === "required") {
    const fault = missingField(field);
    return (values) => (isEmpty(read(values)) ? fault : undefined);
  }
  const judge = compileJudge(rule, value, field);
  return (values) => {
    const found = read(values);
    if (found === undefined || found === null) return undefined;
    const reason = judge(found);
    return reason === undefined ? undefined : { field, rule, message: `field ${JSON.stringify(field)} ${reason}` };
  };
}

type Values = Readonly<Record<string, unknown>>;

/** A key exactly as written goes before the path that its dots make. */
function fieldReader(field: string): (values: Values) => unknown {
  if (!field.includes(".")) return (values) => (Object.hasOwn(values, field) ? values[field] : undefined);
  const path = field.split(".");
  return (values) => (Object.hasOwn(values, field) ? values[field] : walk(values, path));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlainMap(value) && Object.keys(value).length === 0;
}

function compileJudge(rule: Exclude<RuleWord, "required">, value: unknown, field: string): Judge {
  switch (rule) {
    case "email":
      return textJudge(isEmail, "must be an email address");
    case "url":
      return textJudge(isWebUrl, "must be an absolute http or https URL");
    case "uuid":
      return textJudge(isUuid, "must be a UUID");
    case "date":
      return textJudge(isDate, "must be a date such as 2026-03-01 or 2026-03-01T10:00:00Z");
    case "integer":
      return (found) => (Number.isInteger(numberOf(found)) ? undefined : "must be a whole number");
    case "number":
      return (found) => (numberOf(found) === undefined ? "must be a number" : undefined);
    case "boolean":
      return (found) =>
        typeof found === "boolean" || found === "true" || found === "false" ? undefined : "must be true or false";
    case "min":
    case "max":
      return boundJudge(rule, bound(rule, value, field));
    case "minLength":
    case "maxLength":
      return lengthJudge(rule, bound(rule, value, field));
    case "pattern":
      return patternJudge(value, field);
    case "enum":
      return enumJudge(value, field);
  }
}

function textJudge(isRight: (text: string) => boolean, reason: string): Judge {
  return (found) => (typeof found === "string" && isRight(found) ? undefined : reason);
}

function unusable(field: string, rule: string, needs: string): WorkflowError {
  const text = `rule ${rule} of field ${JSON.stringify(field)} needs ${needs} as its 'value'`;
  return new WorkflowError("config.value", text);
}

function bound(rule: string, value: unknown, field: string): number {
  const number = numberOf(value);
  if (number === undefined) throw unusable(field, rule, "a number");
  return number;
}

function boundJudge(rule: "min" | "max", limit: number): Judge {
  const reason = `must be at ${rule === "min" ? "least" : "most"} ${limit}`;
  return (found) => {
    const number = numberOf(found);
    return number !== undefined && (rule === "min" ? number >= limit : number <= limit) ? undefined : reason;
  };
}

function lengthJudge(rule: "minLength" | "maxLength", limit: number): Judge {
  const side = rule === "minLength" ? "least" : "most";
  return (found) => {
    const length = lengthOf(found);
    if (length !== undefined && (rule === "minLength" ? length >= limit : length <= limit)) return undefined;
    return `must have at ${side} ${limit} ${Array.isArray(found) ? "items" : "characters"}`;
  };
}

/** Characters are code points: an emoji counts once. */
function lengthOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "string") return undefined;
  let length = 0;
  for (let at = 0; at < value.length; length++) at += (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return length;
}

function patternJudge(value: unknown, field: string): Judge {
  if (typeof value !== "string") throw unusable(field, "pattern", "a regular expression");
  const pattern = compilePattern(value, field);
  const reason = `must match ${value}`;
  return (found) => {
    const text = typeof found === "number" ? String(found) : found;
    if (typeof text !== "string") return reason;
    if (text.length > matchedTextMax) return `must not be longer than ${matchedTextMax} characters`;
    return pattern.test(text) ? undefined : reason;
  };
}

function compilePattern(value: string, field: string): { test(text: string): boolean } {
  try {
    return compileLinearRegexp(value);
  } catch (error) {
    const text = `rule pattern of field ${JSON.stringify(field)}: ${messageOf(error)}`;
    throw new WorkflowError("config.value", text, { cause: error });
  }
}

/** A number and its text are the same choice: path and query parameters are always texts. */
function enumJudge(value: unknown, field: string): Judge {
  if (!Array.isArray(value) || value.length === 0) throw unusable(field, "enum", "a list of allowed values");
  const allowed = new Set(value.map(String));
  const reason = `must be one of ${value.map(String).join(", ")}`;
  return (found) => (typeof found !== "object" && allowed.has(String(found)) ? undefined : reason);
}
