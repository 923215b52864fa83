import { unreachable } from "../../src/error/error.ts";
import { parsePattern, type RoutePattern } from "../../src/route/pattern.ts";

/** A repeatable source of numbers below a bound (a 32-bit xorshift). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A pattern of up to three segments over a small alphabet, so that many meet each other. */
export function randomPattern(random: (below: number) => number): RoutePattern {
  const method = ["", "GET", "HEAD", "POST", "GET"][random(5)] ?? "";
  let path = "";
  const length = random(4);
  for (let index = 0; index < length; index++) path += ["/a", "/b", `/{p${index}}`, `/{p${index}}`][random(4)] ?? "";
  const tail = ["", "", "/", "/{$}", "/{rest...}"][random(5)] ?? "";
  return parsePattern(method, path + tail === "" ? "/" : path + tail);
}

/** Every clean path of up to four segments over the alphabet and one segment outside it, with and without a slash. */
export function smallPaths(): string[] {
  const paths = ["/"];
  let stems = [""];
  for (let length = 1; length <= 4; length++) {
    stems = stems.flatMap((stem) => ["a", "b", "x"].map((segment) => `${stem}/${segment}`));
    for (const stem of stems) paths.push(stem, `${stem}/`);
  }
  return paths;
}

/** Whether a pattern serves a request: the definition, read off segment by segment, as slow as it is plain. */
export function serves(pattern: RoutePattern, method: string, path: string): boolean {
  const servesMethod =
    pattern.method === "" || pattern.method === method || (pattern.method === "GET" && method === "HEAD");
  const parts = path.slice(1).split("/");
  const isServed = pattern.segments.every((segment, index) => {
    const part = parts[index];
    switch (segment.kind) {
      case "rest":
        return part !== undefined;
      case "end":
        return part === "" && index === parts.length - 1;
      case "wildcard":
        return part !== undefined && part !== "";
      case "literal":
        return part === segment.text;
      default:
        return unreachable(segment);
    }
  });
  const isOpen = pattern.segments.at(-1)?.kind === "rest";
  return servesMethod && isServed && (isOpen || parts.length === pattern.segments.length);
}
