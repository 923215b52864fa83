import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../repository.ts";

/** The measurements of `bench durable`, in the order in which they run. */
export const durableCases = ["B1", "B2", "B8", "B9", "B10"] as const;

/** The name of a measurement. */
export type DurableCase = (typeof durableCases)[number];

/** What `bench durable` was asked for. */
export interface DurableOptions {
  /** Length of one load. */
  readonly seconds: number;
  readonly rounds: number;
  readonly cases: ReadonlySet<DurableCase>;
  readonly withPeers: boolean;
  /** Where databases are put; a disk, not memory. */
  readonly directory: string;
  /** Runs that B8 kills. */
  readonly runs: number;
  /** Runs that sleep in B9. */
  readonly timers: number;
}

/** Reads the command line after `bench durable`. Throws for what it does not know. */
export function readDurableOptions(args: readonly string[]): DurableOptions {
  const values = new Map<string, string>();
  let withPeers = false;
  for (let index = 0; index < args.length; index++) {
    const name = args[index] ?? "";
    if (name === "--peers") {
      withPeers = true;
      continue;
    }
    const value = args[++index];
    if (!names.has(name) || value === undefined) throw new Error(usage);
    values.set(name, value);
  }
  const directory = resolve(values.get("--data") ?? join(root, "dist/bench-data/durable"));
  mkdirSync(directory, { recursive: true });
  return {
    seconds: numberOf(values, "--seconds", 5),
    rounds: numberOf(values, "--rounds", 5),
    cases: casesOf(values.get("--only")),
    withPeers,
    directory,
    runs: numberOf(values, "--runs", 10_000),
    timers: numberOf(values, "--timers", 100_000),
  };
}

const names: ReadonlySet<string> = new Set(["--seconds", "--rounds", "--only", "--data", "--runs", "--timers"]);

const usage =
  "usage: bun run bench durable [--seconds N] [--rounds N] [--only B1,B2,B8,B9,B10] [--peers] [--data DIRECTORY] " +
  "[--runs N] [--timers N]";

function numberOf(values: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = values.get(name);
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1 on`);
  return value;
}

function casesOf(text: string | undefined): ReadonlySet<DurableCase> {
  const wanted = text === undefined ? durableCases : text.split(",");
  const known = durableCases.filter((name) => wanted.includes(name));
  if (known.length !== wanted.length) throw new Error(`--only takes names of ${durableCases.join(", ")}`);
  return new Set(known);
}
