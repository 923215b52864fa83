import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../repository.ts";

/** What a name of the list is a name of. `alias` is another name of a module type. */
export const coverageKinds = [
  "module",
  "alias",
  "step",
  "trigger",
  "workflow",
  "function",
  "secret",
  "flag",
  "command",
  "endpoint",
  "feature",
] as const;

/** One of `coverageKinds`. */
export type CoverageKind = (typeof coverageKinds)[number];

/** A part of the dialect, the server or the admin UI, with the milestone that brings it or the reason against it. */
export interface CoverageItem {
  readonly kind: CoverageKind;
  readonly name: string;
  readonly milestone: number | undefined;
  /** Why it is left out, and what to use instead. */
  readonly refused: string | undefined;
  /** The test that shows a feature working, relative to the repository's root. */
  readonly proof: string | undefined;
}

/** The hand-written list of everything there is to do. */
export interface CoverageList {
  readonly milestones: readonly (readonly [number: number, title: string])[];
  readonly items: readonly CoverageItem[];
}

/** Reads `docs/coverage.yaml`. Throws when an entry has neither a milestone nor a reason, or is misshapen. */
export async function readCoverageList(): Promise<CoverageList> {
  const document: unknown = parse(await Bun.file(join(root, "docs/coverage.yaml")).text());
  const milestones = Object.entries(mapOf(member(document, "milestones"))).map(
    ([number, title]) => [Number(number), textOf(title)] as const,
  );
  const numbers = new Set(milestones.map(([number]) => number));
  const milestoneOf = (entry: unknown): number => {
    const milestone = member(entry, "milestone");
    if (typeof milestone === "number" && numbers.has(milestone)) return milestone;
    throw new Error(`no milestone of the list: ${JSON.stringify(entry)}`);
  };
  const scope = groupsOf(document, "scope", (entry) => ({ milestone: milestoneOf(entry), refused: undefined }));
  const refused = groupsOf(document, "refused", (entry) => ({
    milestone: undefined,
    refused: textOf(member(entry, "reason")),
  }));
  const features = listOf(member(document, "features")).map((entry): CoverageItem => {
    const proof = member(entry, "proof");
    const fact = { milestone: milestoneOf(entry), refused: undefined };
    return {
      kind: "feature",
      name: textOf(member(entry, "name")),
      ...fact,
      proof: proof === undefined ? undefined : textOf(proof),
    };
  });
  return { milestones, items: [...scope, ...features, ...refused] };
}

type Verdict = Pick<CoverageItem, "milestone" | "refused">;

function groupsOf(document: unknown, section: string, verdictOf: (entry: unknown) => Verdict): CoverageItem[] {
  return listOf(member(document, section)).flatMap((entry) => {
    const kind = coverageKinds.find((known) => known === member(entry, "kind"));
    if (kind === undefined) throw new Error(`no kind of the list: ${JSON.stringify(entry)}`);
    const verdict = verdictOf(entry);
    return listOf(member(entry, "names")).map((name) => ({ kind, name: textOf(name), ...verdict, proof: undefined }));
  });
}

function member(value: unknown, key: string): unknown {
  return Object.getOwnPropertyDescriptor(mapOf(value), key)?.value;
}

function mapOf(value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  throw new Error(`a map is expected: ${JSON.stringify(value)}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`a list is expected: ${JSON.stringify(value)}`);
}

function textOf(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`a text is expected: ${JSON.stringify(value)}`);
}
