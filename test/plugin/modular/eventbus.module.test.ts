import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const yaml = withServer(
  "\n  - { name: legacy, type: eventbus.modular, config: { anything: 1 }, dependsOn: [server] }\n",
);

test("eventbus.modular loads with any settings and without a warning about itself", async () => {
  const { errors, warnings } = await check(yaml);
  expect(errors).toEqual([]);
  expect(warnings.filter((warning) => warning.includes("legacy") || warning.includes("modules[2]"))).toEqual([]);
  await using server = await serve(yaml);
  expect((await server.get("/livez")).status).toBe(200);
});
