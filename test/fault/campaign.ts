import { systemClock } from "../../src/time/clock.ts";
import { type AuditReport, isFinished } from "./audit.ts";
import type { Addresses, CrashServer } from "./crash_server.ts";
import { CrashWorld } from "./crash_world.ts";
import { scenarios } from "./scenario.ts";

/** How a server is tormented. */
export interface CampaignOptions {
  readonly kills: number;
  /** Requests at the same time. */
  readonly senders: number;
  /** New pieces of work between two kills. */
  readonly worksPerServer: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Called after each kill. */
  readonly onKill?: (kill: number) => void;
}

/** What came of it. */
export interface CampaignFigures extends AuditReport {
  readonly kills: number;
  readonly seconds: number;
  /** From the start of a process to its first call for a run that an earlier one has left; of those that made one. */
  readonly firstResumedMs: readonly number[];
}

/** A kill comes this long after the start of the process, or of the load, in milliseconds. */
const killAfterMs = { min: 20, max: 400 };

/** Time for the last server to finish everything, in milliseconds. */
const finishMs = 300_000;

const kinds = Object.values(scenarios);

/** Kills servers at random moments under load, starts the next one on what they left, and audits the end. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignFigures> {
  const startedAt = Date.now();
  await using world = await CrashWorld.open();
  const resumed = new ResumeTimes(world);
  for (let kill = 1; kill <= options.kills; kill++) {
    const server = world.start();
    await killUnderLoad(world, server, options);
    resumed.add(server.startedAt);
    const journal = world.note();
    resumed.openRuns = new Set(journal.runs.filter((run) => !isFinished(run)).map(({ id }) => id));
    options.onKill?.(kill);
  }
  const last = world.start();
  const addresses = await last.ready;
  if (addresses === undefined) throw new Error(`the last server did not start:\n${last.log}`);
  await world.sendAll(addresses);
  await world.idle(last, finishMs);
  // Requests whose first attempt was under way were refused; now they have their answer.
  await world.sendAll(addresses);
  resumed.add(last.startedAt);
  const report = await world.finish();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return { ...report, kills: options.kills, seconds, firstResumedMs: resumed.times };
}

async function killUnderLoad(world: CrashWorld, server: CrashServer, options: CampaignOptions): Promise<void> {
  const { random } = options;
  const afterMs = killAfterMs.min + random() * (killAfterMs.max - killAfterMs.min);
  const kill = () => void server.kill();
  const isEarly = random() < 0.5;
  if (isEarly) systemClock.setTimeout(afterMs, kill);
  const addresses = await server.ready;
  if (addresses === undefined) {
    await server.died;
    return;
  }
  if (!isEarly) systemClock.setTimeout(afterMs, kill);
  await load(world, addresses, { ...options, server });
  await server.died;
}

/** Sends what was not answered before and new work, until there is none left or the server is gone. */
async function load(
  world: CrashWorld,
  addresses: Addresses,
  { senders, worksPerServer, random, server }: CampaignOptions & { readonly server: CrashServer },
): Promise<void> {
  const queue = [...world.unanswered()];
  for (let work = 0; work < worksPerServer; work++) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? scenarios.writes;
    queue.push(world.add(kind, crypto.randomUUID()));
  }
  const sender = async () => {
    for (let work = queue.shift(); work !== undefined && !server.isEnded; work = queue.shift()) {
      await world.send(work, addresses);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
}

/** Takes the times from the start of a process to the first call that continues a run of an earlier one. */
class ResumeTimes {
  readonly times: number[] = [];
  /** Runs that the process before has left. */
  openRuns: ReadonlySet<string> = new Set();
  readonly #world: CrashWorld;

  constructor(world: CrashWorld) {
    this.#world = world;
  }

  add(startedAt: number): void {
    const isResumed = (key: string) => this.openRuns.has(key.split("/")[0] ?? "");
    const first = this.#world.service.effects().find(({ key, at }) => at >= startedAt && isResumed(key));
    if (first !== undefined) this.times.push(first.at - startedAt);
  }
}
