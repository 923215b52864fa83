import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { buildTimeoutMs } from "../harness/executable.ts";
import { runCampaign } from "./campaign.ts";

beforeAll(async () => void (await buildExecutable()), buildTimeoutMs);

test("ten kills at random moments under load lose nothing and repeat no committed step", async () => {
  const figures = await runCampaign({ kills: 10, senders: 6, worksPerServer: 30, random: Math.random });
  expect(figures.faults).toEqual([]);
  expect(figures).toMatchObject({ kills: 10, lost: 0, committedRepeated: 0 });
  expect(figures.accepted).toBeGreaterThan(0);
}, 120_000);
