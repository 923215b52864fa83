import { expect, test } from "bun:test";
import { helpText } from "../../src/cli/help.ts";
import { readSettings } from "../../src/cli/settings.ts";
import { flagByName } from "../../src/cli/flags.ts";

test.each([
  [["-config", "a.yaml"]],
  [["--config", "a.yaml"]],
  [["-config=a.yaml"]],
  [["--config=a.yaml"]],
  [["-config=b.yaml", "-config", "a.yaml"]],
])("%j gives the flag its value", (args) => {
  expect(readSettings(args, {}).text("config")).toBe("a.yaml");
});

test.each([
  [["-watch"], true],
  [["--watch"], true],
  [["-watch=true"], true],
  [["-watch=1"], true],
  [["-watch=TRUE"], true],
  [["-watch=false"], false],
  [["--watch=0"], false],
  [[], false],
])("%j sets the switch: %p", (args, expected) => {
  expect(readSettings(args, {}).isSet("watch")).toBe(expected);
});

test.each([
  ["config", "WORKFLOW_CONFIG"],
  ["addr", "WORKFLOW_ADDR"],
  ["mgmt-addr", "WORKFLOW_MGMT_ADDR"],
  ["metrics-addr", "WORKFLOW_METRICS_ADDR"],
  ["data-dir", "WORKFLOW_DATA_DIR"],
  ["log-level", "WORKFLOW_LOG_LEVEL"],
  ["log-format", "WORKFLOW_LOG_FORMAT"],
  ["jwt-secret", "WORKFLOW_JWT_SECRET"],
  ["database-dsn", "WORKFLOW_DATABASE_DSN"],
  ["load-workflows", "WORKFLOW_LOAD_WORKFLOWS"],
  ["import-bundle", "WORKFLOW_IMPORT_BUNDLE"],
  ["admin-ui-dir", "ADMIN_UI_DIR"],
  ["license-key", "WORKFLOW_LICENSE_KEY"],
  ["admin-email", "WORKFLOW_ADMIN_EMAIL"],
  ["admin-password", "WORKFLOW_ADMIN_PASSWORD"],
  ["trusted-proxies", "WORKFLOW_TRUSTED_PROXIES"],
  ["anthropic-key", "WORKFLOW_AI_API_KEY"],
  ["anthropic-model", "WORKFLOW_AI_MODEL"],
] as const)("-%s wins over %s, and that over the default", (flag, variable) => {
  const preset = flagByName.get(flag)?.default;
  expect(readSettings([], {}).text(flag)).toBe(preset);
  expect(readSettings([], {}).isGiven(flag)).toBe(false);
  expect(readSettings([], { [variable]: "" }).text(flag)).toBe(preset);
  const environment = { [variable]: "from-environment" };
  expect(readSettings([], environment).text(flag)).toBe("from-environment");
  expect(readSettings([], environment).isGiven(flag)).toBe(true);
  expect(readSettings([`-${flag}`, "from-flag"], environment).text(flag)).toBe("from-flag");
});

test.each([
  ["watch", "WORKFLOW_WATCH"],
  ["dev", "WORKFLOW_DEV"],
  ["admin-open", "WORKFLOW_ADMIN_OPEN"],
] as const)("-%s wins over %s", (flag, variable) => {
  expect(readSettings([], { [variable]: "true" }).isSet(flag)).toBe(true);
  expect(readSettings([`-${flag}=false`], { [variable]: "true" }).isSet(flag)).toBe(false);
  expect(readSettings([`-${flag}`], { [variable]: "false" }).isSet(flag)).toBe(true);
});

test("the defaults are those of the guide", () => {
  const settings = readSettings([], {});
  expect(settings.text("addr")).toBe(":8080");
  expect(settings.text("mgmt-addr")).toBe(":8081");
  expect(settings.text("data-dir")).toBe("./data");
  expect(settings.text("config")).toBeUndefined();
});

test("an empty value is as good as none", () => {
  expect(readSettings(["-config="], {}).isGiven("config")).toBe(false);
});

test("a value may begin with a dash when it names no flag", () => {
  expect(readSettings(["-admin-password", "-secret"], {}).text("admin-password")).toBe("-secret");
  expect(readSettings(["-admin-password=-watch"], {}).text("admin-password")).toBe("-watch");
});

test("what follows two dashes is no flag", () => {
  expect(readSettings(["validate", "--", "-watch"], {}).positionals).toEqual(["validate", "-watch"]);
});

test.each([
  [["-nope"], "unknown flag: -nope"],
  [["-constructor"], "unknown flag: -constructor"],
  [["-__proto__=1"], "unknown flag: -__proto__"],
  [["-addr"], "flag -addr needs a value"],
  [["-addr", "--watch=true"], "flag -addr needs a value"],
  [["-watch=maybe"], '-watch must be true or false, got "maybe"'],
])("%j is refused", (args, message) => {
  expect(() => readSettings(args, {})).toThrow(message);
});

test("a switch in the environment must be true or false", () => {
  expect(() => readSettings([], { WORKFLOW_WATCH: "yes" })).toThrow('WORKFLOW_WATCH must be true or false, got "yes"');
});

test("the help names every flag, its variable and its default", () => {
  const lines = helpText().split("\n");
  for (const [name, { environment, default: preset }] of flagByName) {
    const line = lines.find((text) => text.startsWith(`  -${name} `));
    expect(line).toBeDefined();
    if (environment !== undefined) expect(line).toContain(environment);
    if (preset !== undefined) expect(line).toContain(`default ${preset}`);
  }
});
