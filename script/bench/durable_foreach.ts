import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DurableOptions } from "./durable_option.ts";
import { atMost, type Figure, median } from "./durable_report.ts";
import { countIn, startDurable } from "./durable_server.ts";

const itemCount = 10_000;

/** B10: one loop over many items, each of them committed by itself. */
export async function measureForeach(options: DurableOptions): Promise<readonly Figure[]> {
  const directory = join(options.directory, "foreach");
  rmSync(directory, { recursive: true, force: true });
  const body = JSON.stringify({ items: Array.from({ length: itemCount }, (_, index) => `item ${index}`) });
  const times: number[] = [];
  const server = await startDurable(directory);
  try {
    for (let round = 0; round < options.rounds; round++) {
      const began = performance.now();
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.url}/batches`, { method: "POST", headers, body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`the loop answered ${answer.status}: ${text}`);
      times.push(performance.now() - began);
    }
  } finally {
    await server.stop();
  }
  const kept = countIn(directory, "select count(*) as n from engine_item");
  rmSync(directory, { recursive: true, force: true });
  if (kept !== itemCount * options.rounds) throw new Error(`${kept} items are in the journal`);
  return [atMost(`B10 durable loop over ${itemCount} items, each committed`, median(times), 2000, "ms")];
}
