import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../../harness/server.ts";
import { routes } from "./fixture.ts";

test("takes the mark and its folder away", async () => {
  await using server = await serve(routes);
  await server.post("/install", { name: "auth-oidc" });
  const answer = await server.post("/uninstall", { name: "auth-oidc" });
  expect(await answer.json()).toEqual({ plugin: "auth-oidc", status: "uninstalled", success: true });
  expect(existsSync(join(server.directory, "data/plugins/auth-oidc"))).toBe(false);
  expect(await (await server.post("/installed", {})).json()).toEqual({ plugins: [], count: 0 });
});

test.each(["auth-oidc", "unknown", "../.."])("%p that is not installed is a 404", async (name) => {
  await using server = await serve(routes);
  const answer = await server.post("/uninstall", { name });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({
    error: expect.stringContaining(`marketplace_uninstall step "act": plugin "${name}" is not installed`),
  });
});
