import { expect, test } from "bun:test";
import { EgressPolicy } from "../../../src/net/egress.ts";
import { check, serve } from "../../harness/server.ts";
import { peer, run, withIntegration } from "./peer.ts";

test.each([
  ["egress: { allow: [loopback] }", "", "reached"],
  ["egress: { allow: [127.0.0.1] }", "", "reached"],
  ["egress: { allow: [10.0.0.0/8] }", "", "SSRF protection"],
  ["allowPrivateIPs: true, egress: { deny: [127.0.0.0/8] }", "", "127.0.0.1 is denied by the egress rules"],
  ["timeoutSeconds: 5", "loopback", "reached"],
])("with {%s}, and %p allowed for the process, a service of this machine is: %s", async (settings, allow, expected) => {
  await using api = peer(() => Response.json({}));
  const egress = new EgressPolicy({ allow: allow === "" ? [] : [allow] });
  await using server = await serve(withIntegration(`{ baseURL: "${api.url}", ${settings} }`), { egress });
  const called = run(server, "", { connector: "api", action: "GET /" }).then(() => "reached");
  expect(await called.catch((error: Error) => error.message)).toContain(expected);
});

test("a rule of egress that cannot be read is an error at the connector", async () => {
  const { errors } = await check(withIntegration("{ baseURL: http://x.test, egress: { allow: [10.0.0.0/99] } }"));
  expect(errors).toEqual([expect.stringContaining('"10.0.0.0/99" is not an egress rule')]);
  expect(errors[0]).toMatch(/^13:\d+: /);
});
