import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve, type TestServer } from "../../harness/server.ts";
import { withMiddleware } from "./middleware_route.ts";

const type = "http.middleware.ratelimit";

async function statuses(server: TestServer, count: number, client = "203.0.113.1"): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    found.push((await server.get("/x", { "x-forwarded-for": client })).status);
  }
  return found;
}

test("a client may send a burst and then waits for tokens", async () => {
  const clock = new ManualClock();
  await using server = await serve(withMiddleware(type, "{ requestsPerMinute: 60, burstSize: 2 }"), { clock });
  expect(await statuses(server, 3)).toEqual([200, 200, 429]);
  await clock.advance(999);
  expect(await statuses(server, 1)).toEqual([429]);
  await clock.advance(1);
  expect(await statuses(server, 2)).toEqual([200, 429]);
  await clock.advance(60_000);
  expect(await statuses(server, 3)).toEqual([200, 200, 429]);
});

test("without settings it is ten at once and sixty in a minute", async () => {
  const clock = new ManualClock();
  await using server = await serve(withMiddleware(type), { clock });
  expect(await statuses(server, 11)).toEqual([...Array<number>(10).fill(200), 429]);
  await clock.advance(1_000);
  expect(await statuses(server, 2)).toEqual([200, 429]);
});

test.each([
  ["{ requestsPerMinute: 60, burstSize: 1 }", "1"],
  ["{ requestsPerMinute: 7, burstSize: 1 }", "9"],
  ["{ requestsPerHour: 60, burstSize: 1 }", "60"],
  ["{ requestsPerMinute: 600, requestsPerHour: 120, burstSize: 1 }", "30"],
])("with %s a refusal asks to come back after %s seconds", async (settings, seconds) => {
  await using server = await serve(withMiddleware(type, settings), { clock: new ManualClock() });
  await server.get("/x");
  const refused = await server.get("/x");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe(seconds);
  expect(refused.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await refused.text()).toBe("Rate limit exceeded\n");
});

test("each client has its own tokens, and its address cannot be made up in front of the proxy's", async () => {
  await using server = await serve(withMiddleware(type, "{ burstSize: 1 }"), { clock: new ManualClock() });
  expect(await statuses(server, 2, "203.0.113.1")).toEqual([200, 429]);
  expect(await statuses(server, 2, "203.0.113.2")).toEqual([200, 429]);
  expect(await statuses(server, 1, "198.51.100.7, 203.0.113.2")).toEqual([429]);
});

test("tokens survive a reload that leaves the module as it is, and not one that changes it", async () => {
  const clock = new ManualClock();
  const yaml = withMiddleware(type, "{ burstSize: 2 }");
  await using server = await serve(yaml, { clock });
  expect(await statuses(server, 2)).toEqual([200, 200]);
  await server.reload(`${yaml}\n# changed`);
  expect(await statuses(server, 1)).toEqual([429]);
  await server.reload(withMiddleware(type, "{ burstSize: 3 }"));
  expect(await statuses(server, 1)).toEqual([200]);
});

test("routes share the tokens of a client", async () => {
  const yaml = withMiddleware(type, "{ burstSize: 1 }");
  await using server = await serve(yaml, { clock: new ManualClock() });
  expect((await server.post("/x", {})).status).toBe(500);
  expect((await server.get("/x")).status).toBe(429);
});
