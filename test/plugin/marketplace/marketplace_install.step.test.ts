import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve } from "../../harness/server.ts";
import { oneStep, routes } from "./fixture.ts";

test("installing puts a file with the time into the data directory", async () => {
  await using server = await serve(routes, { clock: new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)) });
  const answer = await server.post("/install", { name: "auth-oidc" });
  expect(await answer.json()).toEqual({ plugin: "auth-oidc", status: "installed", success: true });
  const marker = join(server.directory, "data/plugins/auth-oidc/.installed");
  expect(readFileSync(marker, "utf8")).toBe("2026-01-02T03:04:05Z\n");
  expect(readdirSync(join(server.directory, "data/plugins/auth-oidc"))).toEqual([".installed"]);
});

test("installing again keeps the time of the first", async () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 2));
  await using server = await serve(routes, { clock });
  await server.post("/install", { name: "auth-oidc" });
  await clock.advance(60_000);
  expect((await server.post("/install", { name: "auth-oidc" })).status).toBe(200);
  expect(await (await server.post("/detail", { name: "auth-oidc" })).json()).toMatchObject({
    plugin: { installed: true, installedAt: "2026-01-02T00:00:00Z" },
  });
});

test.each(["unknown", "", "../../escape", "/etc", "auth-oidc/../../x", "%2e%2e", "__proto__"])(
  "%p is not in the catalogue, and no folder is made of it",
  async (name) => {
    await using server = await serve(routes);
    const answer = await server.post("/install", { name });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining(`marketplace_install step "act": plugin "${name}" not found in catalog`),
    });
    expect(existsSync(join(server.directory, "data/plugins"))).toBe(false);
    expect(existsSync(join(server.directory, "escape"))).toBe(false);
  },
);

test("the plugin is required", async () => {
  const { errors } = await check(oneStep("step.marketplace_install", "{}"));
  expect(errors).toEqual([
    `13:62: pipeline "p": step "act" (type step.marketplace_install): ` +
      `marketplace_install step "act": 'plugin' is required`,
  ]);
});
