import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const context = (config: string) => withServer(`  - { name: here, type: platform.context, config: ${config} }\n`);

test("holds what it was given, under its name", async () => {
  await using server = await serve(context("{ org: acme, environment: production, tier: 2, path: acme/web }"));
  expect(server.engine.current?.service("here")).toEqual({
    org: "acme",
    environment: "production",
    tier: 2,
    path: "acme/web",
  });
});

test.each(["infrastructure", "shared_primitive", "application"])("the tier may be a word: %s", async (tier) => {
  await using server = await serve(context(`{ org: acme, environment: test, tier: ${tier} }`));
  expect(server.engine.current?.service("here")).toMatchObject({ tier });
});

test("organization and environment are required", async () => {
  expect((await check(context("{ tier: 1 }"))).errors).toEqual([
    `8:51: modules[2].config.org: required config field "org" is missing`,
    `8:51: modules[2].config.environment: required config field "environment" is missing`,
  ]);
});
