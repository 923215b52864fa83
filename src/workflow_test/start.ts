import { WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import { parseJson } from "../json/parse.ts";
import { type Connection, Exchange, insideConnection } from "../port/exchange.ts";
import type { ServedAddress } from "../port/http.ts";
import { nearestName } from "../schema/nearest.ts";
import { child, scalarText } from "../schema/node.ts";
import type { ObservedResponse } from "./observation.ts";
import type { TestSession } from "./session.ts";
import type { TestCase, TestStart } from "./test_case.ts";

/** How what a test has started ended. */
export interface Started {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
  readonly response?: ObservedResponse | undefined;
}

/** Runs the pipeline or sends the request of a test. */
export async function start({ start: what }: TestCase, session: TestSession): Promise<Started> {
  if (what.kind === "request") return { response: await send(what, session) };
  const { generation } = session;
  const pipeline = generation.pipelineNamed(what.pipeline.text);
  if (pipeline === undefined) throw new WorkflowError("run.unknown_pipeline", `no pipeline "${what.pipeline.text}"`);
  const trigger = generation.plan.pipelines.find(({ name }) => name === what.pipeline.text)?.trigger;
  const settings = child(trigger, "config");
  const isHttp = scalarText(child(trigger, "type")) === "http";
  const method = (scalarText(child(settings, "method")) ?? "POST").toUpperCase();
  const exchange = isHttp ? exchangeFor(what.input, method, pipeline.pattern ?? "/") : undefined;
  const options =
    exchange === undefined ? { trigger: "test" } : { trigger: "http", exchange, pattern: exchange.pattern };
  const answered = async () => {
    const reply = exchange?.takeReply();
    return reply === undefined ? undefined : observedResponse(reply);
  };
  try {
    const values = await pipeline.run({ ...what.input }, options);
    return { values, response: await answered() };
  } catch (error) {
    return { error, response: await answered() };
  }
}

/** The request that would have given this trigger data. */
function exchangeFor(input: Readonly<Record<string, unknown>>, method: string, pattern: string): Exchange {
  const params: Record<string, string> = {};
  const path = pattern.replaceAll(/\{(\w+)[^}]*\}|:(\w+)/g, (whole, braced?: string, named?: string) => {
    const name = braced ?? named ?? "";
    if (!Object.hasOwn(input, name)) return whole;
    params[name] = String(input[name]);
    return encodeURIComponent(params[name] ?? "");
  });
  const hasBody = input.body !== undefined && method !== "GET" && method !== "HEAD";
  const body = hasBody ? JSON.stringify(input.body) : undefined;
  const headers = Object.entries(asMap(input.headers)).map(([name, value]): [string, string] => [name, String(value)]);
  const type: [string, string][] = hasBody ? [["content-type", "application/json"]] : [];
  const exchange = new Exchange(requestOf({ method, path, headers: [...type, ...headers], body }), insideConnection);
  exchange.params = params;
  exchange.pattern = pattern;
  return exchange;
}

type RequestStart = Extract<TestStart, { readonly kind: "request" }>;

/** Sends a request through the routes of a server of the configuration, as its listener would. */
async function send(what: RequestStart, { generation }: TestSession): Promise<ObservedResponse> {
  const server = serverOf(what, generation.servers());
  const { bodyBytesMax, readTimeoutMs, isTrustedProxy, tls } = server.options;
  const limits = { bodyBytesMax, readTimeoutMs, isTrustedProxy, isSecure: tls !== undefined };
  const connection: Connection = { ...insideConnection, ...limits, peer: () => "127.0.0.1" };
  const request = requestOf({ ...what, headers: Object.entries(what.headers) });
  return observedResponse(await server.handle()(request, connection));
}

function serverOf({ server: name, at }: RequestStart, servers: readonly ServedAddress[]): ServedAddress {
  const server = name === undefined ? servers[0] : servers.find((candidate) => candidate.name === name.text);
  if (server !== undefined) return server;
  if (name === undefined) {
    throw new WorkflowError("config.unknown_reference", "the configuration has no http.server", { at: [at] });
  }
  const names = servers.map((candidate) => candidate.name);
  const near = nearestName(name.text, names);
  const hint = near === undefined ? `servers: ${names.join(", ")}` : `did you mean "${near}"?`;
  throw new WorkflowError("config.unknown_reference", `no server is named "${name.text}"`, { at: [name.at], hint });
}

interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly [string, string][];
  readonly body: string | undefined;
}

function requestOf({ method, path, headers: given, body }: RequestParts): Request {
  const headers = new Headers([["host", "localhost"]]);
  for (const [name, value] of given) headers.set(name, value);
  if (body !== undefined) headers.set("content-length", String(Buffer.byteLength(body)));
  return new Request(`http://localhost${path}`, { method, headers, body: body ?? null });
}

async function observedResponse(response: Response): Promise<ObservedResponse> {
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), text, body: jsonOf(text) };
}

/** The value of a JSON text; undefined for any other text. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // The answer need not be JSON: tests of other answers look at the text.
    return undefined;
  }
}
