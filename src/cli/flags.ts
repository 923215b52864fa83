/** Commands of the executable; `serve` is what runs without one. */
export type CommandName = "serve" | "validate" | "test" | "healthcheck" | "version";

/** A flag of the command line: its environment variable, its default and its help. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly environment?: string;
  readonly default?: string;
  readonly help: string;
  /** What stands for the value in the help. */
  readonly value?: string;
  /** Commands that read it; `serve` alone when absent. */
  readonly commands?: readonly CommandName[];
  /** Given although nothing reads it yet: what it will do and what that comes with, for the warning. */
  readonly later?: string;
  /** Refused, since ignoring it would lose what is expected of it: the reason. */
  readonly refused?: string;
}

/** Every flag. A flag wins over its environment variable, and that over the default. */
export const flags = {
  config: {
    type: "string",
    environment: "WORKFLOW_CONFIG",
    value: "FILE",
    help: "Workflow or application configuration to run.",
    commands: ["serve", "validate"],
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
    commands: ["serve", "healthcheck"],
  },
  "metrics-addr": {
    type: "string",
    environment: "WORKFLOW_METRICS_ADDR",
    value: "ADDRESS",
    help: "Serve /metrics on this address too.",
  },
  "data-dir": {
    type: "string",
    environment: "WORKFLOW_DATA_DIR",
    default: "./data",
    value: "DIR",
    help: "Directory for what the server stores; it is created.",
  },
  "egress-allow": {
    type: "string",
    environment: "WORKFLOW_EGRESS_ALLOW",
    value: "LIST",
    help: "What outbound calls may reach beside the internet: private, loopback, hosts or networks, comma-separated.",
    commands: ["serve", "validate"],
  },
  retention: {
    type: "string",
    environment: "WORKFLOW_RETENTION",
    default: "720h",
    value: "DURATION",
    help: "How long finished executions are kept.",
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
    later: "signing tokens of the management API comes with accounts",
  },
  "database-dsn": {
    type: "string",
    environment: "WORKFLOW_DATABASE_DSN",
    value: "DSN",
    help: "PostgreSQL for multi-workflow mode and several replicas.",
    refused: "keeping versions, executions and locks in PostgreSQL comes with multi-workflow mode",
  },
  "multi-workflow-addr": {
    type: "string",
    value: "ADDRESS",
    help: "Address of the API of multi-workflow mode.",
    refused: "its API comes with multi-workflow mode",
  },
  "load-workflows": {
    type: "string",
    environment: "WORKFLOW_LOAD_WORKFLOWS",
    value: "FILES",
    help: "Files and directories to run beside the configuration.",
    refused: "running several configurations side by side comes with workflow management",
  },
  "import-bundle": {
    type: "string",
    environment: "WORKFLOW_IMPORT_BUNDLE",
    value: "FILES",
    help: "Bundles to import and run.",
    refused: "importing bundles comes with workflow management",
  },
  "admin-ui-dir": {
    type: "string",
    environment: "ADMIN_UI_DIR",
    value: "DIR",
    help: "Serve the admin UI from this directory.",
    refused: "the admin UI is not part of it",
  },
  "license-key": {
    type: "string",
    environment: "WORKFLOW_LICENSE_KEY",
    value: "KEY",
    help: "License key, which configurations see as ${WORKFLOW_LICENSE_KEY}.",
  },
  "admin-email": {
    type: "string",
    environment: "WORKFLOW_ADMIN_EMAIL",
    value: "EMAIL",
    help: "E-mail of the first admin account.",
    later: "the first admin account comes with accounts",
  },
  "admin-password": {
    type: "string",
    environment: "WORKFLOW_ADMIN_PASSWORD",
    value: "PASSWORD",
    help: "Password of the first admin account.",
    later: "the first admin account comes with accounts",
  },
  "restore-admin": {
    type: "boolean",
    help: "Restore the admin configuration to the built-in default.",
    later: "an admin configuration that can be restored comes with workflow management",
  },
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
    later: "generating components and workflows comes with AI-assisted authoring",
  },
  "anthropic-model": {
    type: "string",
    environment: "WORKFLOW_AI_MODEL",
    value: "MODEL",
    help: "Model for AI-assisted authoring.",
    later: "choosing a model comes with AI-assisted authoring",
  },
  "copilot-cli": {
    type: "string",
    value: "PATH",
    help: "Path of the Copilot CLI.",
    later: "asking the Copilot CLI comes with AI-assisted authoring",
  },
  "copilot-model": {
    type: "string",
    value: "MODEL",
    help: "Model for the Copilot CLI.",
    later: "asking the Copilot CLI comes with AI-assisted authoring",
  },
  watch: { type: "boolean", environment: "WORKFLOW_WATCH", help: "Reload when a configuration file changes." },
  dev: { type: "boolean", environment: "WORKFLOW_DEV", help: "Show the details of unexpected errors to clients." },
  strict: { type: "boolean", help: "Count warnings as errors (validate).", commands: ["validate"] },
  run: { type: "string", value: "PATTERN", help: "Run the tests whose names match (test).", commands: ["test"] },
  update: { type: "boolean", help: "Keep what the tests with `expect: golden` give (test).", commands: ["test"] },
  coverage: { type: "boolean", help: "List the steps that no test executed (test).", commands: ["test"] },
  reporter: {
    type: "string",
    default: "text",
    value: "FORM",
    help: "Form of the report: text, junit, github or json (test).",
    commands: ["test"],
  },
  output: {
    type: "string",
    value: "FILE",
    help: "File for the report; then the terminal shows the text form (test).",
    commands: ["test"],
  },
  version: { type: "boolean", help: "Print the version and exit." },
  help: { type: "boolean", help: "Print this help and exit; also -h." },
} as const satisfies Readonly<Record<string, Flag>>;

/** The name of a flag, without dashes. */
export type FlagName = keyof typeof flags;

/** Every flag by its name. */
export const flagByName: ReadonlyMap<string, Flag> = new Map<string, Flag>(Object.entries(flags));
