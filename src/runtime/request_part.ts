import { isPlainMap, ownValue } from "../json/map.ts";
import { Exchange } from "../port/exchange.ts";
import { readableHeaderMap } from "../port/header_map.ts";
import type { CheckedStep } from "../plan/step.ts";

/**
 * Parts of an HTTP request that templates see under their names, at the top level and below `trigger`, unless the run's
 * data has a value of that name. They are not enumerable: an `Authorization` header must not leave the process because
 * a step sends all current values.
 */
export type RequestPart = "path_params" | "query" | "headers";

const requestParts: readonly RequestPart[] = ["path_params", "query", "headers"];

/** The parts that steps of a pipeline read by name. Most read none, and then a run spends nothing on them. */
export function requestPartsOf(steps: readonly CheckedStep[]): readonly RequestPart[] {
  const names = new Set<string>();
  for (const step of steps) collectNames(step, names);
  return requestParts.filter((part) => names.has(part));
}

function collectNames(step: CheckedStep, names: Set<string>): void {
  const paths = [
    ...step.templates.flatMap(({ references }) => references),
    ...(step.condition?.references ?? []),
    ...writtenValues(step.config)
      .flatMap(fromPaths)
      .map((path) => ({ path })),
  ];
  for (const { path } of paths) {
    const [first = "", second = ""] = path;
    names.add(first === "trigger" ? second : first);
  }
  for (const nested of step.nested) collectNames(nested, names);
}

/** The settings with templates, as written. Other settings are not looked into: services may lead anywhere. */
function writtenValues(config: unknown): unknown[] {
  if (!isPlainMap(config)) return [];
  return Object.values(config)
    .filter(isPlainMap)
    .map((value) => ownValue(value, "written"));
}

/** Paths in `{_from: path}` maps, which stand inside values and are no fields of their own. */
function fromPaths(value: unknown): string[][] {
  if (Array.isArray(value)) return value.flatMap(fromPaths);
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "_from" && typeof inner === "string" ? [inner.split(".")] : fromPaths(inner),
  );
}

/** Puts the parts of a request, unseen by enumeration, where no value of that name is. */
export function hideRequestParts(
  parts: readonly RequestPart[],
  source: Exchange | Readonly<Record<string, unknown>>,
  targets: readonly Readonly<Record<string, unknown>>[],
): void {
  for (const part of parts) {
    const value = source instanceof Exchange ? readPart(part, source) : source[part];
    if (value === undefined) continue;
    for (const target of targets) if (!Object.hasOwn(target, part)) hide(target, part, value);
  }
}

/** Headers that are credentials: they are not kept with a run. */
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"]);

/** The parts of a request as a run keeps them for the time after a restart. */
export function keptRequestParts(
  parts: readonly RequestPart[],
  exchange: Exchange | undefined,
): Record<string, unknown> | undefined {
  if (exchange === undefined || parts.length === 0) return undefined;
  const kept: Record<string, unknown> = {};
  for (const part of parts) {
    const value = readPart(part, exchange);
    kept[part] =
      part === "headers" && isPlainMap(value)
        ? Object.fromEntries(Object.entries(value).filter(([name]) => !secretHeaders.has(name.toLowerCase())))
        : value;
  }
  return kept;
}

/** Copies the parts that are still hidden, which a spread leaves behind. */
export function copyHiddenParts(
  parts: readonly RequestPart[],
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): void {
  for (const part of parts) if (Object.hasOwn(from, part) && !Object.hasOwn(to, part)) hide(to, part, from[part]);
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

function readPart(part: RequestPart, exchange: Exchange): unknown {
  switch (part) {
    case "path_params":
      return { ...exchange.params };
    case "query":
      return firstValues(exchange.query);
    case "headers":
      return readableHeaderMap(exchange.headers);
  }
}

/** Of a parameter that is given several times, the first counts. */
function firstValues(query: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of query) if (!Object.hasOwn(values, name)) values[name] = value;
  return values;
}
