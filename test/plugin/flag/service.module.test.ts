import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";
import { flagsOf } from "./flags.ts";

const config = (settings: string) =>
  withServer(`  - { name: flags, type: featureflag.service, config: ${settings} }\n`);

const newYear = Date.UTC(2026, 0, 1);

test("the store is made at start, where db_path says", async () => {
  await using first = await serve(config("{}"));
  expect(existsSync(join(first.directory, "data/featureflags.db"))).toBe(true);
  await using second = await serve(config("{ db_path: elsewhere/f.db }"));
  expect(existsSync(join(second.directory, "elsewhere/f.db"))).toBe(true);
});

test("a new flag has defaults, an edit changes what it names, and both are stored", async () => {
  const clock = new ManualClock(newYear);
  await using server = await serve(config("{}"), { clock });
  const flags = flagsOf(server, "flags.admin");
  const fresh = {
    key: "dark",
    type: "boolean",
    description: "",
    enabled: true,
    default_val: "false",
    tags: [],
    percentage: 0,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
  };
  expect(flags.createFlag("dark", {})).toEqual({ ...fresh, type: "boolean" });
  await clock.advance(60_000);
  flags.updateFlag("dark", { default_val: "true", tags: ["ui"], percentage: 12.5 });
  const edited = { ...fresh, default_val: "true", tags: ["ui"], percentage: 12.5, updated_at: "2026-01-01T00:01:00Z" };
  expect(flagsOf(server, "flags.store").flags()).toEqual([{ ...edited, type: "boolean" }]);
  flags.deleteFlag("dark");
  expect(flags.flags()).toEqual([]);
});

test("overrides and rules are replaced as a whole, and go with their flag", async () => {
  await using server = await serve(config("{}"));
  const flags = flagsOf(server, "flags");
  flags.createFlag("f", { type: "string" });
  const rule = { attribute: "country", operator: "eq", value: "GB", serve_value: "x" } as const;
  flags.replaceRules("f", [
    { ...rule, priority: 2 },
    { ...rule, priority: 1, value: "FR" },
  ]);
  flags.replaceOverrides("f", [{ scope: "user", scope_key: "ada", value: "a" }]);
  flags.replaceOverrides("f", [{ scope: "group", scope_key: "ops", value: "o" }]);
  expect(flags.rules("f").map(({ value }) => value)).toEqual(["FR", "GB"]);
  expect(flags.overrides("f")).toEqual([{ scope: "group", scope_key: "ops", value: "o" }]);
  flags.deleteFlag("f");
  flags.createFlag("f", { type: "string" });
  expect([...flags.rules("f"), ...flags.overrides("f")]).toEqual([]);
});

test("an edit counts for the next evaluation, an edit of the file after cache_ttl", async () => {
  const clock = new ManualClock(newYear);
  await using server = await serve(config("{}"), { clock });
  const flags = flagsOf(server, "flags");
  const value = async () => (await flags.evaluate("f", "ada", {})).value;
  flags.createFlag("f", { type: "string", default_val: "one" });
  expect(await value()).toBe("one");
  flags.updateFlag("f", { default_val: "two" });
  expect(await value()).toBe("two");
  using file = new Database(join(server.directory, "data/featureflags.db"));
  file.run("update feature_flags set default_val = 'three'");
  await clock.advance(29_999);
  expect(await value()).toBe("two");
  await clock.advance(1);
  expect(await value()).toBe("three");
});

test("cache_ttl sets how long a result is kept", async () => {
  await using server = await serve(config("{ cache_ttl: 0 }"));
  const flags = flagsOf(server, "flags");
  flags.createFlag("f", { type: "string", default_val: "one" });
  await flags.evaluate("f", "ada", {});
  using file = new Database(join(server.directory, "data/featureflags.db"));
  file.run("update feature_flags set default_val = 'two'");
  expect((await flags.evaluate("f", "ada", {})).value).toBe("two");
});

test.each([
  ["{}", [{ key: "f", value: true, type: "boolean", source: "generic" }]],
  ["{ sse_enabled: false }", []],
])("with %s listeners are told %j", async (settings, expected) => {
  await using server = await serve(config(settings));
  const flags = flagsOf(server, "flags");
  flags.createFlag("f", {});
  const changes: unknown[] = [];
  const stop = flags.onChange((change) => void changes.push(change));
  flags.updateFlag("f", { default_val: "true" });
  stop?.();
  flags.updateFlag("f", { default_val: "false" });
  expect(changes).toEqual(expected);
});

test("what does not fit is refused", async () => {
  await using server = await serve(config("{}"));
  const flags = flagsOf(server, "flags");
  flags.createFlag("f", { type: "integer", default_val: "1" });
  expect(() => flags.createFlag("f", {})).toThrow('flag "f" exists already');
  expect(() => flags.createFlag("", {})).toThrow("a flag needs a key");
  expect(() => flags.updateFlag("f", { default_val: "x" })).toThrow('the value "x" is not of the type integer');
  expect(() => flags.updateFlag("f", { percentage: 101 })).toThrow("percentage must be from 0 to 100, got 101");
  expect(() => flags.updateFlag("g", {})).toThrow('flag "g" not found');
  expect(() => flags.deleteFlag("g")).toThrow('flag "g" not found');
  const override = { scope: "user", scope_key: "ada", value: "2" } as const;
  expect(() => flags.replaceOverrides("f", [override, override])).toThrow("two overrides for the same user or group");
  await expect(flags.evaluate("g", "ada", {})).rejects.toThrow('flag "g" not found: no such flag');
});

test("a provider that does not exist is refused, and so is a file that cannot be made", async () => {
  expect((await check(config("{ provider: launchdarkly }"))).errors).toEqual([
    `8:67: modules[2].config.provider: config field "provider" must be one of generic, got "launchdarkly"`,
  ]);
  await expect(serve(config("{ db_path: /dev/null/f.db }"))).rejects.toThrow(
    'failed to start application: module "flags": cannot open "/dev/null/f.db": ',
  );
});
