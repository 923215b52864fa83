import { parseArgs } from "node:util";
import { messageOf, WorkflowError } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";

/** A flag of the command line: its environment variable, its default and its help. */
interface Flag {
  readonly type: "string" | "boolean";
  readonly environment?: string;
  readonly default?: string;
  readonly help: string;
  /** What stands for the value in the help. */
  readonly value?: string;
}

/** Every flag. A flag wins over its environment variable, and that over the default. */
export const flags = {
  config: {
    type: "string",
    environment: "WORKFLOW_CONFIG",
    value: "FILE",
    help: "Workflow or application configuration to run.",
  },
  addr: {
    type: "string",
    environment: "WORKFLOW_ADDR",
    default: ":8080",
    value: "ADDRESS",
    help: "Address of the first http.server, instead of the one in its config.",
  },
  "mgmt-addr": {
    type: "string",
    environment: "WORKFLOW_MGMT_ADDR",
    default: ":8081",
    value: "ADDRESS",
    help: "Address of the admin UI, the management API and the metrics.",
  },
  "data-dir": {
    type: "string",
    environment: "WORKFLOW_DATA_DIR",
    default: "./data",
    value: "DIR",
    help: "Directory for what the server stores.",
  },
  "log-level": {
    type: "string",
    environment: "WORKFLOW_LOG_LEVEL",
    default: "info",
    value: "LEVEL",
    help: "debug, info, warn or error.",
  },
  "log-format": {
    type: "string",
    environment: "WORKFLOW_LOG_FORMAT",
    default: "text",
    value: "FORMAT",
    help: "text or json.",
  },
  "jwt-secret": {
    type: "string",
    environment: "WORKFLOW_JWT_SECRET",
    value: "SECRET",
    help: "Secret that signs tokens of the management API, at least 32 bytes.",
  },
  "database-dsn": {
    type: "string",
    environment: "WORKFLOW_DATABASE_DSN",
    value: "DSN",
    help: "PostgreSQL for multi-workflow mode and several replicas.",
  },
  "admin-email": {
    type: "string",
    environment: "WORKFLOW_ADMIN_EMAIL",
    value: "EMAIL",
    help: "E-mail of the first admin account.",
  },
  "admin-password": {
    type: "string",
    environment: "WORKFLOW_ADMIN_PASSWORD",
    value: "PASSWORD",
    help: "Password of the first admin account.",
  },
  "restore-admin": { type: "boolean", help: "Restore the admin configuration to the built-in default." },
  "admin-open": {
    type: "boolean",
    environment: "WORKFLOW_ADMIN_OPEN",
    help: "Let everyone who reaches the management port use the endpoints of the guide without a token.",
  },
  "trusted-proxies": {
    type: "string",
    environment: "WORKFLOW_TRUSTED_PROXIES",
    default: "loopback,private",
    value: "RANGES",
    help: "Peers of the management port whose X-Forwarded-For counts.",
  },
  "anthropic-key": {
    type: "string",
    environment: "WORKFLOW_AI_API_KEY",
    value: "KEY",
    help: "API key for AI-assisted authoring.",
  },
  "anthropic-model": {
    type: "string",
    environment: "WORKFLOW_AI_MODEL",
    value: "MODEL",
    help: "Model for AI-assisted authoring.",
  },
  "copilot-cli": { type: "string", value: "PATH", help: "Path of the Copilot CLI." },
  "copilot-model": { type: "string", value: "MODEL", help: "Model for the Copilot CLI." },
  watch: { type: "boolean", environment: "WORKFLOW_WATCH", help: "Reload when a configuration file changes." },
  dev: { type: "boolean", environment: "WORKFLOW_DEV", help: "Show the details of unexpected errors to clients." },
  version: { type: "boolean", help: "Print the version and exit." },
  help: { type: "boolean", help: "Print this help and exit." },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof flags;

/** The command line with environment and defaults applied. */
export interface Settings {
  readonly text: Readonly<Partial<Record<FlagName, string>>>;
  readonly isSet: Readonly<Partial<Record<FlagName, boolean>>>;
  /** Flags that were given on the command line or in the environment. */
  readonly given: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** Reads the command line. `-word`, `--word`, `-word value` and `-word=value` are the same. Throws `cli.usage`. */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const normalised = args.map((arg) => (/^-[a-z][a-z-]/i.test(arg) ? `-${arg}` : arg));
  const parsed = parseStrictly(normalised);
  const given = new Set<string>();
  const text: Partial<Record<FlagName, string>> = {};
  const isSet: Partial<Record<FlagName, boolean>> = {};
  for (const name of Object.keys(flags) as FlagName[]) {
    const flag: Flag = flags[name];
    const value = parsed.values[name] ?? fromEnvironment(flag, environment);
    if (value !== undefined) given.add(name);
    if (flag.type === "boolean") isSet[name] = value === true || value === "true" || value === "1";
    else if (typeof value === "string") text[name] = value;
    else if (flag.default !== undefined) text[name] = flag.default;
  }
  return { text, isSet, given, positionals: parsed.positionals };
}

function fromEnvironment(flag: Flag, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = flag.environment === undefined ? undefined : environment[flag.environment];
  return value === "" ? undefined : value;
}

function parseStrictly(args: readonly string[]) {
  const options = Object.fromEntries(Object.entries(flags).map(([name, { type }]) => [name, { type }]));
  const unknown = args.find(
    (arg) => arg.startsWith("--") && options[arg.slice(2).split("=")[0] ?? ""] === undefined && arg !== "--",
  );
  if (unknown !== undefined) {
    const name = unknown.slice(2).split("=")[0] ?? "";
    const near = nearestName(name, Object.keys(flags));
    const hint = near === undefined ? "see -help" : `did you mean -${near}? see -help`;
    throw new WorkflowError("cli.usage", `unknown flag: -${name}`, { hint });
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Readonly<Record<string, string | boolean | undefined>>, positionals };
  } catch (error) {
    throw new WorkflowError("cli.usage", messageOf(error).replace(/^Option '--/, "option '-"), {
      hint: "see -help",
      cause: error,
    });
  }
}

/** The text of `-help`. */
export function helpText(): string {
  const rows = Object.entries(flags as Readonly<Record<string, Flag>>).map(([name, flag]) => {
    const left = `  -${name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
    const facts = [flag.environment, flag.default === undefined ? undefined : `default ${flag.default}`].filter(
      (fact) => fact !== undefined,
    );
    return `${left.padEnd(28)} ${flag.help}${facts.length === 0 ? "" : ` [${facts.join(", ")}]`}`;
  });
  return [
    "Usage: server [flags]",
    "",
    "Runs the configuration given by -config; without one, the admin platform alone.",
    "",
    "Flags (also with two dashes, and with = before the value):",
    ...rows,
    "",
    "Sub-commands: server validate FILE | server healthcheck | server version",
    "",
  ].join("\n");
}
