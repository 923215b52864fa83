import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve } from "../../harness/server.ts";
import { withMiddleware } from "./middleware_route.ts";

const type = "http.middleware.logging";

test("a request is one line with method, path and duration, and facts beside it", async () => {
  await using server = await serve(withMiddleware(type), { clock: new ManualClock() });
  await server.get("/x?secret=1");
  const record = await server.logged(/^\[info\]/);
  expect(record.level).toBe("info");
  expect(record.message).toBe("[info] GET /x 0s");
  expect(record.attributes).toEqual({ module: "around", status: 200 });
  expect(server.records.filter(({ message }) => message.startsWith("[info]"))).toHaveLength(1);
});

test("with clientAddress the line carries the client's address", async () => {
  await using server = await serve(withMiddleware(type, "{ clientAddress: true }"));
  await server.get("/x");
  expect((await server.logged(/^\[info\]/)).attributes).toEqual({ module: "around", status: 200, client: "127.0.0.1" });
});

test("a failed request is logged with its status", async () => {
  await using server = await serve(withMiddleware(type));
  await server.post("/x", {});
  expect((await server.logged(/^\[info\] POST \/x /)).attributes).toMatchObject({ status: 500 });
});

test.each(["debug", "info", "warn", "error"] as const)("logLevel %s is the level of the line", async (logLevel) => {
  await using server = await serve(withMiddleware(type, `{ logLevel: ${logLevel} }`), { logLevel: "debug" });
  await server.get("/x");
  expect((await server.logged(new RegExp(`^\\[${logLevel}\\] GET /x `))).level).toBe(logLevel);
});

test("lines below the level of the log are not written", async () => {
  await using server = await serve(withMiddleware(type, "{ logLevel: debug }"), { logLevel: "info" });
  await server.get("/x");
  expect(server.records.filter(({ message }) => message.startsWith("[debug]"))).toEqual([]);
});

test("the line carries the id of the request", async () => {
  const rest = "  - { name: id, type: http.middleware.requestid }";
  const yaml = withMiddleware(type, "{}", rest).replace("middlewares: [around]", "middlewares: [id, around]");
  await using server = await serve(yaml);
  await server.get("/x", { "x-request-id": "r-1" });
  expect((await server.logged(/^\[info\] GET/)).attributes).toMatchObject({ request_id: "r-1" });
});
