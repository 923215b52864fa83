import { afterEach, expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const newYear = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

const config = (settings: string) =>
  withServer(`  - { name: license, type: license.validator, config: ${settings} }
workflows:
  http:
    routes:
      - { method: GET, path: /license, handler: license }
      - { method: POST, path: /license, handler: license-validator }
`);

async function status(server: TestServer): Promise<unknown> {
  return (await server.get("/license")).json();
}

/** A license server that gives the answers in turn, the last one again and again. */
function licenseServer(...answers: readonly (() => Response)[]) {
  const asked: unknown[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      asked.push([request.method, new URL(request.url).pathname, await request.json()]);
      return (answers[asked.length - 1] ?? answers.at(-1))?.() ?? new Response(null, { status: 500 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, asked, [Symbol.asyncDispose]: () => server.stop(true) };
}

const license = {
  key: "k-1",
  tier: "enterprise",
  organization: "acme",
  expires_at: "2027-01-01T00:00:00Z",
  max_workflows: 100,
  max_plugins: 50,
  features: ["sso"],
};
const { key: _key, ...shown } = license;
const good = () => Response.json({ valid: true, license });
const down = () => new Response("no", { status: 503 });

const before = process.env["WORKFLOW_LICENSE_KEY"];
afterEach(() => {
  if (before === undefined) delete process.env["WORKFLOW_LICENSE_KEY"];
  else process.env["WORKFLOW_LICENSE_KEY"] = before;
});

test("without a server there is a local starter license", async () => {
  await using server = await serve(config("{}"), { clock: new ManualClock(newYear) });
  expect(await status(server)).toEqual({
    valid: true,
    license: {
      tier: "starter",
      organization: "local",
      expires_at: "2027-01-01T00:00:00Z",
      max_workflows: 3,
      max_plugins: 5,
      features: [],
    },
    cached_until: "2026-01-01T01:00:00Z",
  });
});

test("the server is asked about the key, and its verdict is shown without it", async () => {
  await using remote = licenseServer(good);
  const settings = `{ server_url: "${remote.url}/", license_key: k-1 }`;
  await using server = await serve(config(settings), { clock: new ManualClock(newYear) });
  expect(remote.asked).toEqual([["POST", "/validate", { key: "k-1" }]]);
  expect(await status(server)).toEqual({ valid: true, license: shown, cached_until: "2026-01-01T01:00:00Z" });
});

test.each(["", ", license_key: $WORKFLOW_LICENSE_KEY"])("the key may come from the environment (%s)", async (key) => {
  process.env["WORKFLOW_LICENSE_KEY"] = "from-environment";
  await using remote = licenseServer(good);
  await using server = await serve(config(`{ server_url: "${remote.url}"${key} }`));
  expect(server.engine.isReady).toBe(true);
  expect(remote.asked).toEqual([["POST", "/validate", { key: "from-environment" }]]);
});

test("a refusal is shown with its reason", async () => {
  await using remote = licenseServer(() => Response.json({ valid: false, error: "license expired" }));
  await using server = await serve(config(`{ server_url: "${remote.url}" }`));
  expect(await status(server)).toMatchObject({ valid: false, error: "license expired" });
});

test.each([
  ["status 503", down, "license server: it answered with status 503"],
  ["no JSON", () => new Response("<html>"), "license server: "],
  ["no verdict", () => Response.json({}), "license server: its answer has no `valid`"],
])("a server that answers with %s is a warning, and the start goes on", async (_name, answer, reason) => {
  await using remote = licenseServer(answer);
  await using server = await serve(config(`{ server_url: "${remote.url}" }`));
  const record = await server.logged("License validation failed");
  expect(record.attributes["error"]).toStartWith(reason);
  expect(await status(server)).toMatchObject({
    valid: false,
    error: "license server unreachable and grace period of 72h0m0s expired",
  });
});

test("a valid license outlasts an unreachable server for the grace period", async () => {
  const clock = new ManualClock(newYear);
  await using remote = licenseServer(good, down);
  const settings = `{ server_url: "${remote.url}", grace_period: 90m, cache_ttl: 0 }`;
  await using server = await serve(config(settings), { clock });
  await clock.advance(hourMs);
  await server.logged("License validation failed");
  expect(await status(server)).toEqual({ valid: true, license: shown, cached_until: "2026-01-01T01:30:00Z" });
  await clock.advance(hourMs / 2);
  expect(await status(server)).toEqual({
    valid: false,
    error: "license server unreachable and grace period of 1h30m0s expired",
    cached_until: "2026-01-01T01:30:00Z",
  });
});

test.each([
  ["the default interval", "", hourMs],
  ["the given interval", ", refresh_interval: 10m", hourMs / 6],
])("the server is asked again after %s", async (_name, interval, afterMs) => {
  const clock = new ManualClock(newYear);
  await using remote = licenseServer(good, down);
  const settings = `{ server_url: "${remote.url}", cache_ttl: 1m${interval} }`;
  await using server = await serve(config(settings), { clock });
  await clock.advance(afterMs - 1);
  expect(remote.asked).toHaveLength(1);
  await clock.advance(1);
  await server.logged("License validation failed");
  expect(remote.asked).toHaveLength(2);
});

test("a verdict younger than cache_ttl is not asked for again", async () => {
  const clock = new ManualClock(newYear);
  await using remote = licenseServer(good, down);
  const settings = `{ server_url: "${remote.url}", cache_ttl: 90m, refresh_interval: 1h }`;
  await using server = await serve(config(settings), { clock });
  await clock.advance(hourMs);
  expect(remote.asked).toHaveLength(1);
  await clock.advance(hourMs);
  await server.logged("License validation failed");
  expect(remote.asked).toHaveLength(2);
});

test("only GET is answered", async () => {
  await using server = await serve(config("{}"));
  const answer = await server.post("/license", {});
  expect([answer.status, answer.headers.get("allow"), await answer.text()]).toEqual([
    405,
    "GET, HEAD",
    "Method Not Allowed\n",
  ]);
});

test.each(["cache_ttl", "grace_period", "refresh_interval"])("a %s that is no duration is refused", async (key) => {
  const { errors } = await check(config(`{ ${key}: soon }`));
  expect(errors).toEqual([expect.stringContaining(`config field "${key}" cannot be read: invalid duration "soon"`)]);
});
