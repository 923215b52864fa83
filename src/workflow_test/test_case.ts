import type { ErrorCode } from "../error/catalog.ts";
import type { Position } from "../error/error.ts";
import type { Node } from "../schema/node.ts";

/** A file of workflow tests, read and checked as far as that goes without its configuration. */
export interface TestFile {
  /** The file as it was named. */
  readonly path: string;
  /** The configuration under test: as written, where, and its path from the working directory. */
  readonly config: { readonly at: Position; readonly path: string };
  readonly tests: readonly TestCase[];
}

/** A name in a test file and where it stands. */
export interface PlacedName {
  readonly text: string;
  readonly at: Position;
}

/** One test. */
export interface TestCase {
  readonly name: string;
  readonly at: Position;
  readonly start: TestStart;
  /** Virtual time at the start, in epoch milliseconds. */
  readonly nowMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly ReplacedStep[];
  readonly signals: readonly TestSignal[];
  readonly allowsEffects: boolean;
  /** Real time that the test may take, in milliseconds. */
  readonly timeLimitMs: number;
  readonly expected: Expected | "golden";
}

/** What a test does first. */
export type TestStart =
  | { readonly kind: "pipeline"; readonly pipeline: PlacedName; readonly input: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "request";
      readonly at: Position;
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | undefined;
      readonly server: PlacedName | undefined;
    };

/** A step that does not run: its replies are given instead, one after the other. */
export interface ReplacedStep {
  readonly name: PlacedName;
  readonly replies: readonly Reply[];
  /** What happens to a call after the last reply. */
  readonly afterwards: "real" | "refuse";
}

/** What a replaced step does. */
export interface Reply {
  readonly output: Readonly<Record<string, unknown>> | undefined;
  readonly error: { readonly message: string; readonly code: ErrorCode } | undefined;
  /** The step that the run goes on with, as after a step that routes. */
  readonly next: PlacedName | undefined;
  /** Virtual time that it takes, in milliseconds. */
  readonly delayMs: number;
  /** Calls it is good for. */
  readonly times: number;
}

/** A signal that the test sends. */
export interface TestSignal {
  readonly name: PlacedName;
  readonly payload: unknown;
  /** Virtual time since the start; undefined sends it as soon as a run waits for it. */
  readonly afterMs: number | undefined;
}

/** The words for how a run stands. */
export const runStatuses = ["completed", "failed", "waiting", "cancelled"] as const;

/** What a test expects; what is absent is not looked at. Nodes are compared by `compare`. */
export interface Expected {
  readonly at: Position;
  readonly status: PlacedName | undefined;
  readonly paths: readonly ExpectedPath[];
  readonly pathContains: readonly PlacedName[];
  readonly notExecuted: readonly PlacedName[];
  readonly outputs: readonly NamedNode[];
  readonly calls: readonly NamedNode[];
  readonly result: Node | undefined;
  readonly error: Node | undefined;
  readonly log: readonly Node[];
  readonly response: ExpectedResponse | undefined;
}

/** The steps of one pipeline in the order they ran; the tested pipeline when none is named. */
export interface ExpectedPath {
  readonly pipeline: PlacedName | undefined;
  readonly at: Position;
  readonly steps: readonly PlacedName[];
}

/** A value under a name. */
export interface NamedNode {
  readonly name: PlacedName;
  readonly value: Node;
}

/** What a test expects of the answer to its request. */
export interface ExpectedResponse {
  readonly at: Position;
  readonly status: Node | undefined;
  readonly headers: readonly NamedNode[];
  readonly body: Node | undefined;
  readonly bodyText: Node | undefined;
  /** Values by their path in the body, such as `items.0.sku`. */
  readonly json: readonly NamedNode[];
}
