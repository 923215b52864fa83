// The reload campaign: the built executable, under load from another process, gets one configuration after the other;
// every second one is invalid. No request may fail, state of unchanged modules stays, a refused configuration leaves
// the one before serving, and neither memory nor open handles grow with the number of reloads.
// Flags: --reloads N, --connections N, --baseline N (the reload whose memory counts as 1), --growth X (how much may
// be used at the end).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../../script/bench/server.ts";
import { executablePath } from "../../script/executable.ts";
import { systemClock } from "../../src/time/clock.ts";
import { type ProcessFigures, processFigures } from "./process_figures.ts";
import { type CampaignConfig, type CampaignPorts, invalidConfig, validConfig } from "./reload_config.ts";
import type { LoadReport } from "./steady_load.ts";

const { values: flags } = parseArgs({
  options: {
    reloads: { type: "string", default: "1000" },
    connections: { type: "string", default: "8" },
    baseline: { type: "string", default: "100" },
    growth: { type: "string", default: "1.3" },
  },
});
const reloads = Number(flags.reloads);
const baselineAt = Number(flags.baseline);
const growthMax = Number(flags.growth);

/** Handles that come and go with connections, such as those of the load while one is opened. */
const handlesSlack = 8;

/** Pause before memory is measured. */
const settleMs = 3000;

const faults: string[] = [];
const expectThat = (isSo: boolean, what: string): void => void (isSo || faults.push(what));
const pause = (ms: number) => systemClock.sleep(ms, new AbortController().signal);

async function statusOf(url: string): Promise<number> {
  try {
    const answer = await fetch(url, { headers: { connection: "close" } });
    await answer.arrayBuffer();
    return answer.status;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 0;
  }
}

async function untilReady(url: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if ((await statusOf(url)) === 200) return;
    await pause(10);
  }
  throw new Error(`${url} did not answer 200 within 10 s`);
}

/** What is running: the URL under load, and the configuration that has to answer. */
class Campaign {
  readonly #ports: CampaignPorts;
  readonly #management: string;
  readonly #main: string;
  readonly #note: string;
  #current: CampaignConfig;
  longestReloadMs = 0;

  constructor(ports: CampaignPorts, options: { management: string; note: string; current: CampaignConfig }) {
    this.#ports = ports;
    this.#main = `http://127.0.0.1:${ports.main}`;
    this.#management = options.management;
    this.#note = options.note;
    this.#current = options.current;
  }

  async reload(turn: number): Promise<void> {
    if (turn % 2 === 1) {
      const { yaml, why } = invalidConfig((turn - 1) / 2, this.#ports);
      const status = await this.#post(yaml);
      expectThat(status === 400 || status === 422, `reload ${turn}: a ${why} was answered ${status}`);
    } else {
      const next = validConfig(turn / 2, this.#ports);
      const status = await this.#post(next.yaml);
      expectThat(status === 200, `reload ${turn}: a valid configuration was answered ${status}`);
      const before = this.#current;
      this.#current = next;
      await this.#checkGone(turn, before);
    }
    await this.#checkServing(turn);
  }

  async #post(yaml: string): Promise<number> {
    const startedAt = performance.now();
    const url = `${this.#management}/api/v1/admin/engine/reload`;
    const answer = await fetch(url, { method: "POST", body: yaml, headers: { "content-type": "application/yaml" } });
    const text = await answer.text();
    this.longestReloadMs = Math.max(this.longestReloadMs, Math.round(performance.now() - startedAt));
    if (answer.status >= 500) faults.push(`a reload was answered ${answer.status}: ${text.slice(0, 300)}`);
    return answer.status;
  }

  async #checkServing(turn: number): Promise<void> {
    const { version, path, extraPort } = this.#current;
    const answer = await fetch(`${this.#main}${path}`, { headers: { connection: "close" } });
    const text = await answer.text();
    expectThat(text === `{"version":${version}}\n`, `reload ${turn}: version ${version} was answered ${text}`);
    const note = await statusOf(this.#note);
    expectThat(note === 200, `reload ${turn}: the note in memory was answered ${note}`);
    if (extraPort === undefined) return;
    const extra = await statusOf(`http://127.0.0.1:${extraPort}/extra`);
    expectThat(extra === 200, `reload ${turn}: the second server at ${extraPort} was answered ${extra}`);
  }

  async #checkGone(turn: number, { version, path, extraPort }: CampaignConfig): Promise<void> {
    const route = await statusOf(this.#main + path);
    expectThat(route === 404, `reload ${turn}: the route of version ${version} was answered ${route} afterwards`);
    if (extraPort === undefined || extraPort === this.#current.extraPort) return;
    const extra = await statusOf(`http://127.0.0.1:${extraPort}/extra`);
    expectThat(extra === 0, `reload ${turn}: the second server at ${extraPort} was answered ${extra} afterwards`);
  }
}

/** The figures after a moment without reloads, in which the collector gives back what the last ones left. */
async function settledFigures(pid: number): Promise<ProcessFigures> {
  await pause(settleMs);
  return processFigures(pid);
}

function printRow(turn: number, { residentMb, handles, threads }: ProcessFigures, startedAt: number): void {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`| ${turn} | ${seconds} | ${residentMb} | ${handles} | ${threads} | ${faults.length} |`);
}

async function addNote(main: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${main}/notes`, { method: "POST", headers, body: '{"id":"kept","text":"in memory"}' });
  if (!answer.ok) throw new Error(`the note could not be made: ${answer.status}`);
  return `${main}/notes/kept`;
}

function judge(report: LoadReport, baseline: ProcessFigures, end: ProcessFigures): void {
  const growth = end.residentMb / baseline.residentMb;
  expectThat(report.failed === 0, `${report.failed} requests failed: ${report.failures.join("; ")}`);
  expectThat(report.answered > 2 * reloads, `only ${report.answered} requests were answered`);
  expectThat(growth <= growthMax, `memory grew to ${growth.toFixed(2)} of what it was after ${baselineAt} reloads`);
  expectThat(end.handles <= baseline.handles + handlesSlack, `handles grew from ${baseline.handles} to ${end.handles}`);
  console.log(`\nrequests ${report.answered}, failed ${report.failed}, longest answer ${report.longestMs} ms`);
  console.log(`memory after ${reloads} reloads / after ${baselineAt}: ${growth.toFixed(2)} (at most ${growthMax})`);
}

async function run(directory: string): Promise<void> {
  const [management, main, first, second] = [freePort(), freePort(), freePort(), freePort()];
  await using taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const ports: CampaignPorts = { main, extra: [first, second], taken: taken.port ?? 0 };
  const current = validConfig(0, ports);
  const file = join(directory, "workflow.yaml");
  await Bun.write(file, current.yaml);
  const args = ["-config", file, "-mgmt-addr", `127.0.0.1:${management}`, "-data-dir", join(directory, "data")];
  const logFile = Bun.file(join(directory, "server.log"));
  const server = Bun.spawn([executablePath, ...args], { stdio: ["ignore", logFile, logFile], cwd: directory });
  try {
    for (const port of [main, management]) await untilReady(`http://127.0.0.1:${port}/readyz`);
    const note = await addNote(`http://127.0.0.1:${main}`);
    const campaign = new Campaign(ports, { management: `http://127.0.0.1:${management}`, note, current });
    const loadArgs = [join(import.meta.dir, "steady_load.ts"), String(main), flags.connections];
    const load = Bun.spawn([process.execPath, ...loadArgs], { stdio: ["pipe", "pipe", "inherit"] });
    const output = new Response(load.stdout).text();
    let baseline = processFigures(server.pid);
    const startedAt = performance.now();
    console.log("| reloads | s | RSS MB | handles | threads | faults |\n|---|---|---|---|---|---|");
    for (let turn = 1; turn <= reloads; turn++) {
      await campaign.reload(turn);
      if (turn === baselineAt) baseline = await settledFigures(server.pid);
      if (turn === 1 || turn % 100 === 0) printRow(turn, processFigures(server.pid), startedAt);
      if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`);
    }
    const end = await settledFigures(server.pid);
    await load.stdin.end();
    judge(JSON.parse(await output), baseline, end);
    console.log(`longest reload ${campaign.longestReloadMs} ms`);
  } finally {
    server.kill("SIGTERM");
    await server.exited;
  }
}

const directory = mkdtempSync(join(tmpdir(), "workflow-reload-"));
try {
  await run(directory);
} finally {
  if (faults.length === 0) rmSync(directory, { recursive: true, force: true });
}
for (const fault of faults.slice(0, 20)) console.error(`FAULT ${fault}`);
if (faults.length > 0) console.error(`${faults.length} faults; the server's log is ${join(directory, "server.log")}`);
process.exitCode = faults.length > 0 ? 1 : 0;
