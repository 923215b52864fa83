import { placed, type Position, unreachable, WorkflowError } from "../../error/error.ts";
import type { Secret } from "../../log/secret.ts";
import type { EgressPolicy, EgressRules } from "../../net/egress.ts";
import { egressSettings } from "../../port/egress_settings.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import { Database } from "../../port/service.ts";
import { choice, count, optionalRef, position, real, secret, Type } from "../../schema/field.ts";
import { connectorEgress } from "./address_guard.ts";
import { type CompiledConnector, connectorOf } from "./connector.ts";
import { databaseConnector } from "./database_connector.ts";
import { connectorHeaders, connectorUrl, httpConnector } from "./http_connector.ts";

const settings = Type.Object(
  {
    baseURL: Type.String({ description: "HTTP: URL under which all requests lie.", default: "" }),
    authType: choice(["", "basic", "bearer"], { description: "HTTP: kind of credential.", default: "" }),
    username: Type.String({ description: "HTTP: user of basic authentication.", default: "" }),
    password: secret({ description: "HTTP: password of basic authentication.", default: "" }),
    token: secret({ description: "HTTP: token of bearer authentication.", default: "" }),
    headers: Type.Record(Type.String(), Type.String({ description: "Value." }), {
      description: "HTTP: headers of every request.",
      default: {},
    }),
    timeoutSeconds: real({ description: "HTTP: time for one request, in seconds.", default: 30, minimum: 0.001 }),
    requestsPerMinute: real({ description: "HTTP: pace of requests; 0 for no limit.", default: 0, minimum: 0 }),
    allowPrivateIPs: Type.Boolean({
      description: "HTTP: whether hosts may resolve to private and loopback addresses.",
      default: false,
    }),
    egress: egressSettings,
    path: Type.String({ description: "Webhook: path to listen on.", default: "" }),
    port: count({ description: "Webhook: port to listen on.", default: 8080, minimum: 0, maximum: 65_535 }),
    driver: Type.String({ description: "Database: kind of database, when no module is named.", default: "" }),
    dsn: secret({ description: "Database: where it is, when no module is named.", default: "" }),
    database: optionalRef(Database, { description: "Database: the module to use." }),
  },
  { description: "Settings of the connector, each for one type.", default: {} },
);

/** One entry of `connectors`. */
export const connectorFields = Type.Object({
  at: position(),
  name: Type.String({ description: "Name that steps use.", minLength: 1 }),
  type: choice(["http", "rest", "api", "webhook", "database"], {
    description: "What it connects to; `rest` and `api` mean `http`.",
    invalid: "error",
  }),
  config: settings,
});

/** A connector as it is decoded from the file. */
export interface WrittenConnector {
  readonly at: Position;
  readonly name: string;
  readonly type: "http" | "rest" | "api" | "webhook" | "database";
  readonly config: {
    readonly baseURL: string;
    readonly authType: "" | "basic" | "bearer";
    readonly username: string;
    readonly password: Secret;
    readonly token: Secret;
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutSeconds: number;
    readonly requestsPerMinute: number;
    readonly allowPrivateIPs: boolean;
    readonly egress: { readonly allow: readonly string[]; readonly deny: readonly string[] };
    readonly path: string;
    readonly port: number;
    readonly driver: string;
    readonly dsn: Secret;
    readonly database?: Database | undefined;
  };
}

/** Whether a connector listens instead of calling. */
export function isWebhook({ type }: WrittenConnector): boolean {
  return type === "webhook";
}

/** What connectors need of the engine. */
type OutboundServices = Pick<RuntimeServices, "clock" | "egress">;

/** Makes a connector of what was written. Throws `config.required` and the like at its place in the file. */
export function toConnector(written: WrittenConnector, runtime: OutboundServices): CompiledConnector {
  const { at, name, type } = written;
  switch (type) {
    case "http":
    case "rest":
    case "api":
      return toHttp(written, runtime);
    case "webhook":
      if (written.config.path.startsWith("/")) return passiveConnector;
      throw placed(required(`path not specified for webhook connector '${name}'`, "write it with a leading `/`"), at);
    case "database":
      return toDatabase(written);
    default:
      return unreachable(type);
  }
}

const passiveConnector = connectorOf(
  () => () => Promise.resolve({ status: "webhook connectors do not support active execution" }),
);

function toHttp({ at, name, config }: WrittenConnector, { clock, egress }: OutboundServices): CompiledConnector {
  const { baseURL, authType, username, password, token, headers } = config;
  if (baseURL === "") throw placed(required(`baseURL not specified for HTTP connector '${name}'`), at);
  const credentials = { authType, username, password: password.reveal(), token: token.reveal(), headers };
  return httpConnector({
    name,
    baseUrl: connectorUrl(name, baseURL, at),
    headers: connectorHeaders(credentials),
    timeoutMs: config.timeoutSeconds * 1000,
    requestsPerMinute: config.requestsPerMinute,
    egress: connectorEgress(ruled(egress, config.egress, at), config),
    clock,
  });
}

function ruled(egress: EgressPolicy, rules: EgressRules, at: Position): EgressPolicy {
  try {
    return egress.with(rules);
  } catch (error) {
    throw error instanceof WorkflowError ? placed(error, at) : error;
  }
}

function toDatabase({ at, name, config }: WrittenConnector): CompiledConnector {
  const { database, driver, dsn } = config;
  if (database !== undefined) return databaseConnector(database);
  if (driver === "" || dsn.reveal() === "") {
    const text = `driver and dsn must be specified for database connector '${name}'`;
    throw placed(required(text, "or name a database module under `database`"), at);
  }
  const text = `database connector '${name}' cannot open driver '${driver}' by itself`;
  const hint = "define the database as a module of type database.workflow and name it under `database`";
  throw new WorkflowError("config.unavailable_type", text, { at: [at], hint });
}

function required(text: string, hint?: string): WorkflowError {
  return new WorkflowError("config.required", text, { hint });
}
