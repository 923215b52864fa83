import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DurableOptions } from "./durable_option.ts";
import { atLeast, atMost, type Figure, median, shown, told } from "./durable_report.ts";
import { type DurableServer, startDurable } from "./durable_server.ts";
import { drive, type LoadResult } from "./load.ts";
import { startRestate } from "./peer/restate.ts";

interface Rival {
  readonly name: "workflow" | "hand-written loop" | "Restate";
  readonly url: string;
  readonly memoryMb: () => number | undefined;
  stop(): Promise<void>;
}

type Results = ReadonlyMap<Rival["name"], readonly LoadResult[]>;

const order = JSON.stringify({ order: "A-1", amount: 120.5 });

/** B1 and B2: durable orders, one and 64 at a time, beside the same work by hand and in Restate. */
export async function measureOrders(options: DurableOptions): Promise<readonly Figure[]> {
  const directory = join(options.directory, "orders");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const figures: Figure[] = [];
  const engine = await startDurable(join(directory, "engine"));
  const rivals: Rival[] = [engineRival(engine), await startByHand(join(directory, "by_hand.db"))];
  try {
    if (options.withPeers) {
      const restate = await startRestate(join(directory, "restate"));
      if (typeof restate === "string") figures.push(told("Restate", restate));
      else
        rivals.push({
          ...restate,
          name: "Restate",
          url: `http://127.0.0.1:${restate.port}/shop/order`,
          memoryMb: restate.residentMb,
        });
    }
    if (options.cases.has("B1")) figures.push(...oneAtATime(await driveAll(rivals, 1, options)));
    if (options.cases.has("B2")) {
      figures.push(...manyAtATime(await driveAll(rivals, 64, options)));
      figures.push(...(await besideStatic(engine, options)));
    }
    for (const { name, memoryMb } of rivals) {
      const megabytes = memoryMb();
      if (megabytes !== undefined) figures.push(told(`RSS of ${name} after the orders`, `${shown(megabytes)} MB`));
    }
  } finally {
    for (const rival of rivals) await rival.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return figures;
}

function engineRival(engine: DurableServer): Rival {
  const memoryMb = () => engine.memory().nowMb;
  return { name: "workflow", url: `${engine.url}/orders`, memoryMb, stop: () => engine.stop() };
}

async function startByHand(file: string): Promise<Rival> {
  const program = join(import.meta.dir, "program/hand_written_loop.ts");
  const child = Bun.spawn([process.execPath, program, file], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value).trim());
  const stop = async () => {
    child.kill();
    await child.exited;
  };
  return { name: "hand-written loop", url: `http://127.0.0.1:${port}/`, memoryMb: () => undefined, stop };
}

/** Rivals take turns, so that what else the machine does meets all of them. */
async function driveAll(rivals: readonly Rival[], connections: number, options: DurableOptions): Promise<Results> {
  const results = new Map<Rival["name"], LoadResult[]>();
  for (const { url } of rivals) await drive({ url, body: order, connections, seconds: 1 });
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, url } of rivals) {
      const result = await drive({ url, body: order, connections, seconds: options.seconds });
      if (result.failed > 0) throw new Error(`${name} failed ${result.failed} orders`);
      results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  return results;
}

function oneAtATime(results: Results): readonly Figure[] {
  const work = "B1 order, 1 in flight";
  const figures = [
    atMost(`${work}: p50`, middle(results, "workflow", "p50Ms"), 2.5, "ms"),
    atMost(`${work}: p99`, middle(results, "workflow", "p99Ms"), 6, "ms"),
    told(`${work}: hand-written loop, p50 / p99`, pair(results, "hand-written loop")),
  ];
  if (!results.has("Restate")) return figures;
  const times = middle(results, "Restate", "p50Ms") / middle(results, "workflow", "p50Ms");
  const peer = told(`${work}: Restate, p50 / p99`, pair(results, "Restate"));
  return [...figures, peer, atLeast(`${work}: p50 of Restate by ours`, times, 3.5, "×")];
}

function manyAtATime(results: Results): readonly Figure[] {
  const work = "B2 order, 64 in flight";
  const own = results.get("workflow") ?? [];
  const byHand = results.get("hand-written loop") ?? [];
  const perSecond = (name: Rival["name"]) => middle(results, name, "requestsPerSecond");
  const share = median(own.map((result, index) => result.requestsPerSecond / (byHand[index]?.requestsPerSecond ?? 1)));
  const figures = [
    atLeast(work, perSecond("workflow"), 5000, "runs/s"),
    told(`${work}: p50 / p99`, pair(results, "workflow")),
    told(`${work}: hand-written loop`, `${shown(perSecond("hand-written loop"))} runs/s`),
    atLeast(`${work}: share of the hand-written loop`, share, 0.4, "×"),
  ];
  if (!results.has("Restate")) return figures;
  const peer = told(`${work}: Restate`, `${shown(perSecond("Restate"))} runs/s`);
  return [...figures, peer, atLeast(`${work}: by Restate`, perSecond("workflow") / perSecond("Restate"), 10, "×")];
}

function middle(results: Results, name: Rival["name"], field: "requestsPerSecond" | "p50Ms" | "p99Ms"): number {
  return median((results.get(name) ?? []).map((result) => result[field]));
}

function pair(results: Results, name: Rival["name"]): string {
  return `${shown(middle(results, name, "p50Ms"))} / ${shown(middle(results, name, "p99Ms"))} ms`;
}

/** Requests to the static route in a second: few enough to be no load of their own. */
const pacePerSecond = 200;

/** How long a route that has nothing to do with the journal takes, alone and while 64 orders are in flight. */
async function besideStatic(engine: DurableServer, { rounds, seconds }: DurableOptions): Promise<readonly Figure[]> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push((await pace(`${engine.url}/static`, seconds)).p99Ms);
    const [paced] = await Promise.all([
      pace(`${engine.url}/static`, seconds),
      drive({ url: `${engine.url}/orders`, body: order, connections: 64, seconds: seconds + 1 }),
    ]);
    beside.push(paced.p99Ms);
  }
  const times = median(beside) / median(alone);
  const work = `B2 static route at ${pacePerSecond} requests/s`;
  return [
    told(`${work}: p99 alone / beside the orders`, `${shown(median(alone))} / ${shown(median(beside))} ms`),
    atMost(`${work}: p99 beside the orders by p99 alone`, times, 3, "×"),
  ];
}

interface Paced {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function pace(url: string, seconds: number): Promise<Paced> {
  const work = JSON.stringify({ url, perSecond: pacePerSecond, seconds });
  const command = [process.execPath, join(import.meta.dir, "durable_pace.ts"), work];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const parsed: unknown = JSON.parse(await new Response(child.stdout).text());
  if (!isPaced(parsed)) throw new Error("the paced load gave no result");
  return parsed;
}

function isPaced(value: unknown): value is Paced {
  return typeof value === "object" && value !== null && "p50Ms" in value && "p99Ms" in value;
}
