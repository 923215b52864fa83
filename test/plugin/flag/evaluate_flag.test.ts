import { expect, test } from "bun:test";
import { evaluateFlag, type FlagSubject } from "../../../src/plugin/flag/evaluate_flag.ts";
import type { StoredFlag } from "../../../src/plugin/flag/flag_store.ts";
import type { Flag, FlagOperator } from "../../../src/port/flag.ts";

const flag = (changes: Partial<Flag> = {}): Flag => ({
  key: "k",
  type: "string",
  description: "",
  enabled: true,
  default_val: "default",
  tags: [],
  percentage: 0,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  ...changes,
});

const stored = (changes: Partial<StoredFlag> = {}): StoredFlag => ({
  flag: flag(),
  overrides: [],
  rules: [],
  ...changes,
});

const ada: FlagSubject = { user: "ada", attributes: { groups: "dev, ops", age: "9", country: "GB" } };

const forAda = { scope: "user", scope_key: "ada", value: "for ada" } as const;
const forOps = { scope: "group", scope_key: "ops", value: "for ops" } as const;
const rule = (operator: FlagOperator, attribute: string, value: string, priority = 1) => ({
  priority,
  attribute,
  operator,
  value,
  serve_value: "ruled",
});

test.each<[string, StoredFlag, string, string]>([
  ["the default", stored(), "default", "default"],
  [
    "the default while disabled, whatever else",
    stored({ flag: flag({ enabled: false }), overrides: [forAda] }),
    "default",
    "disabled",
  ],
  ["a user override before a group override", stored({ overrides: [forOps, forAda] }), "for ada", "user_override"],
  [
    "a group override before rules",
    stored({ overrides: [forOps], rules: [rule("eq", "age", "9")] }),
    "for ops",
    "group_override",
  ],
  [
    "a rule before a rollout",
    stored({ flag: flag({ percentage: 1 }), rules: [rule("eq", "age", "9")] }),
    "ruled",
    "targeting_rule",
  ],
])("gives %s", (_name, from, value, reason) => {
  expect(evaluateFlag(from, ada)).toEqual({ key: "k", value, type: "string", source: "generic", reason });
});

test.each<[FlagOperator, string, string, boolean]>([
  ["eq", "country", "GB", true],
  ["eq", "country", "gb", false],
  ["neq", "country", "FR", true],
  ["neq", "nothing", "FR", false],
  ["in", "country", "FR, GB", true],
  ["in", "country", "FR,DE", false],
  ["contains", "groups", "op", true],
  ["startsWith", "groups", "dev", true],
  ["startsWith", "groups", "ops", false],
  ["gt", "age", "10", false],
  ["lt", "age", "10", true],
  ["gt", "country", "FR", true],
  ["eq", "user", "ada", true],
  ["eq", "constructor", "x", false],
])("rule %s %s %s applies: %p", (operator, attribute, value, applies) => {
  const { reason } = evaluateFlag(stored({ rules: [rule(operator, attribute, value)] }), ada);
  expect(reason).toBe(applies ? "targeting_rule" : "default");
});

// sha256("u1" + "k") begins with 9d37e397, which is 2637685655; the last two decimal digits are the bucket.
test.each([
  ["boolean", "false", 56, true, "percentage_rollout_in"],
  ["boolean", "true", 55, false, "percentage_rollout_out"],
  ["string", "new", 56, "new", "percentage_rollout_in"],
  ["string", "new", 55, "", "percentage_rollout_out"],
  ["integer", "5", 55, 0, "percentage_rollout_out"],
  ["json", "[1]", 55, null, "percentage_rollout_out"],
  ["json", "[1]", 100, [1], "percentage_rollout_in"],
] as const)("a %s flag with default %s at %i %% gives %j", (type, default_val, percentage, value, reason) => {
  const from = stored({ flag: flag({ type, default_val, percentage }) });
  expect(evaluateFlag(from, { user: "u1", attributes: {} })).toMatchObject({ value, reason });
});

test("half of many users are in a rollout of 50 %", () => {
  const from = stored({ flag: flag({ type: "boolean", default_val: "false", percentage: 50 }) });
  const users = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
  const inside = users.filter((user) => evaluateFlag(from, { user, attributes: {} }).value === true).length;
  expect(inside).toBeGreaterThan(900);
  expect(inside).toBeLessThan(1100);
});

test.each([
  ["boolean", "T", true],
  ["boolean", "0", false],
  ["integer", "-12", -12],
  ["float", "1.5", 1.5],
  ["json", '{"a":[1]}', { a: [1] }],
  ["string", "", ""],
] as const)("a value of the type %s is read from %j", (type, default_val, value) => {
  expect(evaluateFlag(stored({ flag: flag({ type, default_val }) }), ada).value).toEqual(value);
});

test("a stored value that does not fit its type is an error of the module", () => {
  const from = stored({ flag: flag({ type: "integer", default_val: "many" }) });
  expect(() => evaluateFlag(from, ada)).toThrow('flag "k": the value "many" is not of the type integer');
});
