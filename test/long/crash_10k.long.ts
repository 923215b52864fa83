// 10,000 runs in flight when the server is killed: half of them sleep, the others wait for an answer or for their turn.
// The next server starts when all of them are due. Flags: --runs N, --senders N, --first-ms N (longest time from the
// start of the process to the first step that goes on).
import { parseArgs } from "node:util";
import { systemClock } from "../../src/time/clock.ts";
import { isFinished } from "../fault/audit.ts";
import type { Addresses } from "../fault/crash_server.ts";
import { CrashWorld, type Work } from "../fault/crash_world.ts";
import { crowd } from "../fault/scenario.ts";

const { values: flags } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    senders: { type: "string", default: "64" },
    "first-ms": { type: "string", default: "300" },
  },
});
const runs = Number(flags.runs);
const firstMsMax = Number(flags["first-ms"]);

async function sendAll(world: CrashWorld, works: readonly Work[], addresses: Addresses): Promise<void> {
  const queue = [...works];
  const sender = async () => {
    for (let work = queue.pop(); work !== undefined; work = queue.pop()) await world.send(work, addresses);
  };
  await Promise.all(Array.from({ length: Number(flags.senders) }, sender));
}

await using world = await CrashWorld.open();
const server = world.start();
const addresses = await server.ready;
if (addresses === undefined) throw new Error(`the server did not start:\n${server.log}`);
const startedAt = performance.now();
// The sleepers first: the others take all the places that there are.
for (const kind of [crowd.sleeper, crowd.caller]) {
  const works = Array.from({ length: Math.ceil(runs / 2) }, () => world.add(kind, crypto.randomUUID()));
  await sendAll(world, works, addresses);
}
const acceptMs = Math.round(performance.now() - startedAt);
await server.kill();
const left = world.note().runs.filter((run) => !isFinished(run));
const open = new Set(left.map(({ id }) => id));
const count = (status: string) => left.filter((run) => run.status === status).length;
const dueAt = Math.max(...left.map(({ wakeAt }) => wakeAt ?? 0));
await systemClock.sleep(Math.max(0, dueAt - Date.now()), new AbortController().signal);
await world.service.release();

const next = world.start();
if ((await next.ready) === undefined) throw new Error(`the server did not start again:\n${next.log}`);
const readyMs = Date.now() - next.startedAt;
await world.idle(next, 300_000);
const doneMs = Date.now() - next.startedAt;
const isResumed = (key: string) => open.has(key.split("/")[0] ?? "");
const first = world.service.effects().find(({ key, at }) => at >= next.startedAt && isResumed(key));
const firstMs = first === undefined ? Number.POSITIVE_INFINITY : first.at - next.startedAt;
const report = await world.finish();
console.log(`
| Figure                                     | Value |
| ------------------------------------------ | ----- |
| runs accepted                              | ${report.accepted} in ${acceptMs} ms |
| runs in flight at the kill                 | ${left.length} |
| of them waiting, queued, running           | ${count("waiting")}, ${count("queued")}, ${count("running")} |
| start of the process to listening (ms)     | ${readyMs} |
| start to the first resumed step (ms)       | ${firstMs} |
| start to the end of the last run (ms)      | ${doneMs} |
| runs finished as they must                 | ${report.completed} |
| runs lost                                  | ${report.lost} |
| committed steps run again                  | ${report.committedRepeated} |
| steps repeated because they were in flight | ${report.inFlightRepeated} |
`);
const faults = [...report.faults];
if (left.length < runs) faults.push(`${left.length} runs were in flight at the kill, not ${runs}`);
if (firstMs > firstMsMax) faults.push(`the first step went on after ${firstMs} ms, not within ${firstMsMax} ms`);
for (const fault of faults.slice(0, 50)) console.error(`fault: ${fault}`);
if (faults.length > 50) console.error(`and ${faults.length - 50} faults more`);
process.exitCode = faults.length > 0 ? 1 : 0;
