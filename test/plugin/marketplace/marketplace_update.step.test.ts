import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve } from "../../harness/server.ts";
import { routes } from "./fixture.ts";

test("renews the time of an installed plugin", async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 2));
  await using server = await serve(routes, { clock });
  await server.post("/install", { name: "auth-oidc" });
  await clock.advance(60_000);
  expect(await (await server.post("/update", { name: "auth-oidc" })).json()).toMatchObject({
    plugin: { name: "auth-oidc", version: "1.2.0", installed: true, installedAt: "2026-01-02T00:01:00Z" },
    status: "updated",
    success: true,
  });
});

test.each([
  ["auth-oidc", `marketplace_update step "act": plugin "auth-oidc" is not installed`],
  ["unknown", `marketplace_update step "act": plugin "unknown" not found in catalog`],
])("%s cannot be updated", async (name, error) => {
  await using server = await serve(routes);
  const answer = await server.post("/update", { name });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(`${error}`) });
});
