import { beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../../script/executable.ts";
import { root } from "../../script/repository.ts";
import { buildTimeoutMs } from "../harness/executable.ts";
import { crashTable, recordingPoints } from "./crash_table.ts";
import { CrashWorld } from "./crash_world.ts";
import { integrityOf } from "./journal_file.ts";
import { scenarios } from "./scenario.ts";

const caseTimeoutMs = 20_000;

beforeAll(async () => void (await buildExecutable()), buildTimeoutMs);

test("every fault point of the program has a crash in the table", () => {
  const sources = [...new Bun.Glob("src/**/*.ts").scanSync({ cwd: root })];
  const inSource = sources.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/\bfaultPoint\(\s*"([^"]+)"/g)].map(([, name = ""]) => name),
  );
  const tried = crashTable.flatMap(([, ...points]) => points).map((point) => point.replace(/:\d+$/, ""));
  expect([...new Set([...tried, ...recordingPoints])].sort()).toEqual([...new Set(inSource)].sort());
});

test.each(crashTable.map(([scenario, ...points]) => ({ scenario, points, at: points.join(", then at ") })))(
  "$scenario survives a kill at $at",
  async ({ scenario, points }) => {
    await using world = await CrashWorld.open();
    world.add(scenarios[scenario], "work");
    for (const point of points) {
      const server = world.start(point);
      const addresses = await server.ready;
      if (addresses !== undefined) await world.sendAll(addresses);
      expect(await server.died).toBe("SIGKILL");
      world.note();
    }
    const server = world.start();
    const addresses = await server.ready;
    if (addresses === undefined) throw new Error(`the server did not start again:\n${server.log}`);
    await world.sendAll(addresses);
    await world.idle(server);
    // A request whose first attempt was under way is refused meanwhile; now it has its answer.
    await world.sendAll(addresses);
    const { faults, ...figures } = await world.finish();
    expect(faults).toEqual([]);
    expect(figures).toMatchObject({ accepted: 1, completed: 1, lost: 0, committedRepeated: 0 });
  },
  caseTimeoutMs,
);

test.each(recordingPoints)(
  "a kill at %s leaves a whole file and a server that starts",
  async (point) => {
    await using world = await CrashWorld.open();
    const server = world.start(point);
    const addresses = await server.ready;
    expect((await fetch(`${addresses?.url}/plain`)).status).toBe(200);
    expect(await server.died).toBe("SIGKILL");
    expect(integrityOf(world.service.directory)).toBe("ok");
    const next = await world.start().ready;
    expect((await fetch(`${next?.url}/plain`)).status).toBe(200);
  },
  caseTimeoutMs,
);
