import { STATUS_CODES } from "node:http";
import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { Frame } from "../../port/frame.ts";
import { headerMap } from "../../port/header_map.ts";
import type { Secret } from "../../log/secret.ts";
import { choice, duration, secret, size, template, templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { Template } from "../../template/template.ts";
import { jsonOrText } from "./json_or_text.ts";
import { type ClientCredentials, type TokenCache, tokenCacheOf } from "./outbound/oauth_token.ts";
import { type OutboundAnswer, type OutboundRequest, sendOutbound } from "./outbound/send.ts";

/** Calls another service over HTTP. */
export default defineStep({
  type: "step.http_call",
  summary: "Call another service over HTTP.",
  category: "pipeline",
  effect: "write",
  config: Type.Object({
    url: template({ description: "Address to call, with `http` or `https`." }),
    method: Type.String({ description: "HTTP method.", default: "GET" }),
    headers: Type.Record(Type.String(), template({ description: "Value." }), {
      description: "Request headers.",
      default: {},
    }),
    body: Type.Optional(
      templateValue({
        description: "Body, sent as JSON. Without it, methods other than GET and HEAD send all current values.",
        shape: "map",
      }),
    ),
    timeout: duration({ description: "Longest time for the call, its token and its repetition.", default: "30s" }),
    max_response_size: size({ description: "Largest body that is read.", default: "10MiB", minimum: 1 }),
    auth: Type.Optional(
      Type.Object(
        {
          type: Type.Optional(choice(["oauth2_client_credentials"], { description: "How the call is authorised." })),
          token_url: Type.Optional(Type.String({ description: "Address of the token endpoint." })),
          client_id: Type.Optional(Type.String({ description: "Id of the client." })),
          client_secret: Type.Optional(secret({ description: "Secret of the client." })),
          scopes: Type.Array(Type.String(), { description: "Scopes to ask for.", default: [] }),
        },
        { description: "Authorisation of the call." },
      ),
    ),
  }),
  output: outputOf(["status_code", "status", "headers", "body"]),
  build({ name, runtime, log }, { url, method, headers, body, timeout, max_response_size, auth }) {
    const prefix = `http_call step "${name}": `;
    const verb = /^(get|head)$/i.test(method) ? method.toUpperCase() : method;
    const isBodiless = verb === "GET" || verb === "HEAD";
    if (isBodiless && body !== undefined) log.warn("A GET or HEAD request has no body; 'body' is not sent");
    const content = (frame: Frame) => encodeJson(body === undefined ? frame.current : body.resolve(frame));
    const headerTemplates = Object.entries(headers);
    const authorize = authorization(auth, prefix, tokenCacheOf(runtime));
    const prepare = (frame: Frame, signal: AbortSignal): OutboundRequest => ({
      method: verb,
      url: url.render(frame),
      headers: headersOf(headerTemplates, isBodiless, frame),
      body: isBodiless ? undefined : content(frame),
      answerBytesMax: max_response_size,
      signal,
    });
    return async (frame) => {
      const deadline = new AbortController();
      const late = new WorkflowError("run.timeout", "context deadline exceeded");
      const cancelTimer = runtime.clock.setTimeout(timeout, () => deadline.abort(late));
      try {
        const request = prepare(frame, AbortSignal.any([frame.signal, deadline.signal]));
        return { output: outputOfAnswer(await authorize(request)) };
      } catch (error) {
        throw prefixed(prefix, error, "step.upstream");
      } finally {
        cancelTimer();
      }
    };
  },
});

function headersOf(templates: readonly (readonly [string, Template])[], isBodiless: boolean, frame: Frame): Headers {
  const headers = new Headers();
  if (!isBodiless) headers.set("content-type", "application/json");
  for (const [name, value] of templates) headers.set(name, textOf(value, frame));
  return headers;
}

/** A header that cannot be computed is sent as written, which is how it always was. */
function textOf(value: Template, frame: Frame): string {
  try {
    return value.render(frame);
  } catch (error) {
    frame.log.warn("Header template failed, its text is sent", { template: value.text, error });
    return value.text;
  }
}

type Send = (request: OutboundRequest) => Promise<OutboundAnswer>;

interface AuthSettings {
  readonly type?: "oauth2_client_credentials";
  readonly token_url?: string;
  readonly client_id?: string;
  readonly client_secret?: Secret;
  readonly scopes: readonly string[];
}

/** How a request is sent: plainly, or with a bearer token that is renewed once when it is refused. */
function authorization(auth: AuthSettings | undefined, prefix: string, tokens: TokenCache): Send {
  if (auth?.type === undefined) return sendOutbound;
  const credentials = credentialsOf(auth, prefix);
  const send = async (request: OutboundRequest, token: string) => {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${token}`);
    return sendOutbound({ ...request, headers });
  };
  return async (request) => {
    const token = await tokens.get(credentials, request.signal);
    const answer = await send(request, token);
    if (answer.status !== 401) return answer;
    await tokens.drop(credentials, token);
    return send(request, await tokens.get(credentials, request.signal));
  };
}

function credentialsOf(auth: AuthSettings, prefix: string): ClientCredentials {
  const missing = (key: string) =>
    new WorkflowError("config.required", `${prefix}auth.${key} is required for oauth2_client_credentials`);
  const { token_url: tokenUrl = "", client_id: clientId = "", client_secret: clientSecret, scopes } = auth;
  if (tokenUrl === "") throw missing("token_url");
  if (clientId === "") throw missing("client_id");
  if (clientSecret === undefined || clientSecret.reveal() === "") throw missing("client_secret");
  return { tokenUrl, clientId, clientSecret, scopes };
}

/** Most characters of a refusing answer that go into the error. */
const quotedMax = 4096;

function outputOfAnswer({ status, statusText, headers, text }: OutboundAnswer): Record<string, unknown> {
  if (status >= 400) throw new WorkflowError("step.upstream", `HTTP ${status}: ${text.slice(0, quotedMax)}`);
  const reason = statusText === "" ? (STATUS_CODES[status] ?? "") : statusText;
  return { status_code: status, status: `${status} ${reason}`, headers: headerMap(headers), body: jsonOrText(text) };
}
