import { expect, test } from "bun:test";
import { serve } from "../../harness/server.ts";
import { withMiddleware } from "./middleware_route.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a request without an id gets one, and the response carries it", async () => {
  await using server = await serve(withMiddleware("http.middleware.requestid"));
  const first = (await server.get("/x")).headers.get("x-request-id");
  const second = (await server.get("/x")).headers.get("x-request-id");
  expect(first).toMatch(uuid);
  expect(second).toMatch(uuid);
  expect(first).not.toBe(second);
});

test.each(["abc-123", "0000:ffff/==", "x".repeat(128)])("the id %s of a client is kept", async (id) => {
  await using server = await serve(withMiddleware("http.middleware.requestid"));
  expect((await server.get("/x", { "x-request-id": id })).headers.get("x-request-id")).toBe(id);
});

test.each(["", "two words", "x".repeat(129), "tab\there", "caf\u00e9"])(
  "the id %p of a client is replaced",
  async (id) => {
    await using server = await serve(withMiddleware("http.middleware.requestid"));
    expect((await server.get("/x", { "x-request-id": id })).headers.get("x-request-id")).toMatch(uuid);
  },
);

test("a failure has the id in its header, its body and the log", async () => {
  await using server = await serve(withMiddleware("http.middleware.requestid"));
  const answer = await server.post("/x", {}, { "x-request-id": "trace-me" });
  expect(answer.status).toBe(500);
  expect(answer.headers.get("x-request-id")).toBe("trace-me");
  expect(await answer.json()).toEqual({ error: "internal error", id: "trace-me" });
  expect((await server.logged("Request failed")).attributes).toMatchObject({ id: "trace-me" });
});
