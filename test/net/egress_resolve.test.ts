import { expect, test } from "bun:test";
import { keepingResolver, resolveHost } from "../../src/net/egress_resolve.ts";
import { ManualClock } from "../harness/manual_clock.ts";

test("the system knows this machine", async () => {
  expect(await resolveHost("localhost")).toContainEqual(expect.stringMatching(/^(127\.0\.0\.1|::1)$/));
});

test("an answer is used for five seconds, and one question serves all who ask at a time", async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const resolve = keepingResolver(async (host) => {
    asked.push(host);
    return [`10.0.0.${asked.length}`];
  }, clock);
  expect(await Promise.all([resolve("a"), resolve("a"), resolve("b")])).toEqual([
    ["10.0.0.1"],
    ["10.0.0.1"],
    ["10.0.0.2"],
  ]);
  await clock.advance(4999);
  expect(await resolve("a")).toEqual(["10.0.0.1"]);
  await clock.advance(1);
  expect(await resolve("a")).toEqual(["10.0.0.3"]);
  expect(asked).toEqual(["a", "b", "a"]);
});

test("a failure is not kept", async () => {
  let asked = 0;
  const resolve = keepingResolver(async () => {
    asked++;
    if (asked === 1) throw new Error("no such name");
    return ["10.0.0.1"];
  }, new ManualClock());
  await expect(resolve("a")).rejects.toThrow("no such name");
  expect(await resolve("a")).toEqual(["10.0.0.1"]);
});

test("a thousand names are kept, and then the oldest makes room", async () => {
  let asked = 0;
  const resolve = keepingResolver(async () => [`10.0.0.${++asked}`], new ManualClock());
  for (let index = 0; index < 1001; index++) await resolve(`host${index}`);
  await resolve("host1000");
  expect(asked).toBe(1001);
  await resolve("host0");
  expect(asked).toBe(1002);
});
