// `bun run bench [--seconds N] [--rounds N] [--peers]`: the built executable beside a bare `Bun.serve` handler that
// does the same work, in the same run, under the same load. Ratios count; absolute figures belong to the machine.
// `bun run bench durable` measures durable runs instead: see `bench/durable_option.ts`.
import { join } from "node:path";
import { benchDurable } from "./bench/durable.ts";
import { drive, generatorName, type LoadResult } from "./bench/load.ts";
import { measurePlan } from "./bench/plan.ts";
import { startPeer } from "./bench/peer.ts";
import { freePort, type ServerUnderTest, startServer } from "./bench/server.ts";
import { buildInChild } from "./build_child.ts";
import { executablePath } from "./executable.ts";
import { root } from "./repository.ts";

const customer = { customer: "Ada Lovelace", email: "Ada@Example.com" };
const order = JSON.stringify({ ...customer, amount: 120.5, items: [{ sku: "A-1" }] });

interface Case {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
  /** Least ratio to the bare handler. */
  readonly target: number;
}

const cases: readonly Case[] = [
  { name: "static JSON route", path: "/static", target: 0.8 },
  { name: "path parameter", path: "/users/42", target: 0.6 },
  { name: "POST, 5-step pipeline", path: "/orders", body: order, target: 0.6 },
];

const numberOf = (flag: string, fallback: number): number => {
  const index = process.argv.indexOf(flag);
  return index < 0 ? fallback : Number(process.argv[index + 1] ?? fallback);
};
const seconds = numberOf("--seconds", 3);
const rounds = numberOf("--rounds", 5);
const connections = 64;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function startBare(): Promise<ServerUnderTest> {
  const child = Bun.spawn([process.execPath, join(root, "script/bench/bare_server.ts")], { stdout: "pipe" });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value).trim());
  return {
    name: "bare Bun.serve",
    port,
    residentMb: () => 0,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

async function startEngine(config: string): Promise<ServerUnderTest & { readonly startedInMs: number }> {
  const port = freePort();
  const addresses = ["-mgmt-addr", "127.0.0.1:0", "-addr", `127.0.0.1:${port}`];
  const command = [executablePath, "-config", join(root, config), ...addresses];
  const environment = { BENCH_PORT: String(port), WORKFLOW_DATA_DIR: join(root, "dist/bench-data") };
  return startServer("workflow", command, { port, path: "/readyz", environment });
}

if (process.argv[2] === "durable") process.exit((await benchDurable(process.argv.slice(3))) ? 0 : 1);

await buildInChild();
console.log(`${rounds} rounds of ${seconds} s, ${connections} connections, ${generatorName()}; medians\n`);
const servers: ServerUnderTest[] = [await startBare(), await startEngine("script/bench/engine.yaml")];
if (process.argv.includes("--peers")) {
  const peer = await startPeer();
  if (typeof peer === "string") console.log(peer);
  else servers.push(peer);
}
console.log("| Work | Server | req/s | p50 ms | p99 ms | ratio to bare | target |");
console.log("|---|---|---|---|---|---|---|");
for (const { name, path, body, target } of cases) {
  const results = new Map<ServerUnderTest, LoadResult[]>();
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      const url = `http://127.0.0.1:${server.port}${path}`;
      const result = await drive({ url, body, connections, seconds });
      if (result.failed > 0) throw new Error(`${server.name} failed ${result.failed} requests of "${name}"`);
      results.set(server, [...(results.get(server) ?? []), result]);
    }
  }
  const bare = results.get(servers[0] ?? fail()) ?? [];
  for (const server of servers) {
    const own = results.get(server) ?? [];
    const ratio = median(own.map((result, index) => result.requestsPerSecond / (bare[index]?.requestsPerSecond ?? 1)));
    const cell = (pick: (result: LoadResult) => number, digits: number) => median(own.map(pick)).toFixed(digits);
    const figures = [cell((r) => r.requestsPerSecond, 0), cell((r) => r.p50Ms, 2), cell((r) => r.p99Ms, 2)];
    const verdict = server.name === "workflow" ? `≥ ${target.toFixed(2)}` : "";
    console.log(`| ${name} | ${server.name} | ${figures.join(" | ")} | ${ratio.toFixed(2)} | ${verdict} |`);
  }
}
for (const server of servers) {
  const isBare = server.name === "bare Bun.serve";
  if (!isBare) console.log(`\nRSS of ${server.name} after the load: ${server.residentMb()} MB`);
  await server.stop();
}

const starts: number[] = [];
let idleMb = 0;
for (let round = 0; round < Math.max(5, rounds); round++) {
  const server = await startEngine("example/order-processing-pipeline.yaml");
  starts.push(server.startedInMs);
  idleMb = server.residentMb();
  await server.stop();
}
console.log(`\nStart to /readyz, order example: ${median(starts).toFixed(0)} ms (target ≤ 150)`);
console.log(`RSS of the order example after its start: ${idleMb} MB (target ≤ 90)`);
console.log(await measurePlan());

function fail(): never {
  throw new Error("no server");
}
