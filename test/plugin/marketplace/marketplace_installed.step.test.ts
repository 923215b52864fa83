import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve } from "../../harness/server.ts";
import { routes } from "./fixture.ts";

test("lists what was installed, in the order of the catalogue", async () => {
  await using server = await serve(routes, { clock: new ManualClock(Date.UTC(2026, 0, 2)) });
  expect(await (await server.post("/installed", {})).json()).toEqual({ plugins: [], count: 0 });
  await server.post("/install", { name: "ai-openai" });
  await server.post("/install", { name: "storage-s3" });
  const at = { installed: true, installedAt: "2026-01-02T00:00:00Z" };
  expect(await (await server.post("/installed", {})).json()).toMatchObject({
    plugins: [
      { name: "storage-s3", version: "2.0.1", ...at },
      { name: "ai-openai", version: "0.5.0", ...at },
    ],
    count: 2,
  });
});
