import { STATUS_CODES } from "node:http";
import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { OutboundAnswer } from "../../net/outbound.ts";
import { egressSettings } from "../../port/egress_settings.ts";
import type { Frame } from "../../port/frame.ts";
import { headerMap } from "../../port/header_map.ts";
import { choice, count, duration, secret, size, template, templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { Template } from "../../template/template.ts";
import { jsonOrText } from "./json_or_text.ts";
import { authorization } from "./outbound/authorization.ts";
import { tokenCacheOf } from "./outbound/oauth_token.ts";
import { sendRepeatedly } from "./outbound/repeat.ts";
import type { Call } from "./outbound/send.ts";

const authSettings = Type.Object(
  {
    type: Type.Optional(choice(["oauth2_client_credentials"], { description: "How the call is authorised." })),
    token_url: Type.Optional(Type.String({ description: "Address of the token endpoint." })),
    client_id: Type.Optional(Type.String({ description: "Id of the client." })),
    client_secret: Type.Optional(secret({ description: "Secret of the client." })),
    scopes: Type.Array(Type.String(), { description: "Scopes to ask for.", default: [] }),
  },
  { description: "Authorisation of the call." },
);

/** Calls another service over HTTP. */
export default defineStep({
  type: "step.http_call",
  summary: "Call another service over HTTP.",
  category: "pipeline",
  effect: ({ method }) => (/^(get|head)$/i.test(method) ? "read" : "write"),
  config: Type.Object({
    url: template({ description: "Address to call, with `http` or `https`." }),
    method: Type.String({ description: "HTTP method.", default: "GET" }),
    headers: Type.Record(Type.String(), template({ description: "Value." }), {
      description:
        "Request headers. Methods other than GET, HEAD and OPTIONS carry an `Idempotency-Key` of the step; one that " +
        "is set here replaces it, and an empty one leaves it out.",
      default: {},
    }),
    body: Type.Optional(
      templateValue({
        description: "Body, sent as JSON. Without it, methods other than GET and HEAD send all current values.",
        shape: "map",
      }),
    ),
    timeout: duration({
      description: "Longest time for the call, with its token, its attempts and the waits between them.",
      default: "30s",
    }),
    first_byte_timeout: Type.Optional(
      duration({
        description: "Longest time until an answer begins, for each attempt. Without it only `timeout` counts.",
      }),
    ),
    max_attempts: count({
      description:
        "How often the call is tried: after transport errors and the statuses 408, 425, 429, 502, 503 and 504, when " +
        "the method is idempotent or the request has an `Idempotency-Key`.",
      default: 1,
      minimum: 1,
      maximum: 100,
    }),
    backoff: duration({
      description: "Wait before the second attempt; it doubles. `Retry-After` of an answer takes its place.",
      default: "1s",
    }),
    max_backoff: duration({ description: "Longest wait that `backoff` grows to.", default: "30s" }),
    max_response_size: size({ description: "Largest body that is read.", default: "10MiB", minimum: 1 }),
    auth: Type.Optional(authSettings),
    egress: egressSettings,
  }),
  output: outputOf(["status_code", "status", "headers", "body"]),
  build({ name, runtime, log }, config) {
    const { url, method, headers, body, timeout, auth } = config;
    const { clock, random } = runtime;
    const prefix = `http_call step "${name}": `;
    const verb = /^(get|head|options)$/i.test(method) ? method.toUpperCase() : method;
    const isBodiless = verb === "GET" || verb === "HEAD";
    if (isBodiless && body !== undefined) log.warn("A GET or HEAD request has no body; 'body' is not sent");
    const content = (frame: Frame) => encodeJson(body === undefined ? frame.current : body.resolve(frame));
    const headerTemplates = Object.entries(headers);
    const authorize = authorization(auth, prefix, tokenCacheOf(runtime));
    const egress = runtime.egress.with(config.egress);
    const { first_byte_timeout: firstByteMs, max_response_size: answerBytesMax } = config;
    const prepare = (frame: Frame, signal: AbortSignal): Call => ({
      method: verb,
      url: url.render(frame),
      headers: headersOf(headerTemplates, verb, frame),
      body: isBodiless ? undefined : content(frame),
      egress,
      firstByte: firstByteMs === undefined ? undefined : { clock, timeoutMs: firstByteMs },
      answerBytesMax,
      signal,
    });
    const repeat = {
      attemptsMax: config.max_attempts,
      backoffMs: config.backoff,
      backoffMsMax: config.max_backoff,
      clock,
      random,
    };
    return async (frame) => {
      const deadline = new AbortController();
      const late = () => deadline.abort(new WorkflowError("run.timeout", "context deadline exceeded"));
      const deadlineMs = clock.monotonic() + timeout;
      const cancelTimer = clock.setTimeout(timeout, late);
      try {
        const request = prepare(frame, AbortSignal.any([frame.signal, deadline.signal]));
        const options = { ...repeat, deadlineMs, log: frame.log.child({ step: name }) };
        return { output: outputOfAnswer(await sendRepeatedly(authorize, request, options)) };
      } catch (error) {
        throw prefixed(prefix, error, "step.upstream");
      } finally {
        cancelTimer();
      }
    };
  },
});

/** Methods whose repetition changes nothing that a key could protect. */
const withoutKey: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

function headersOf(templates: readonly (readonly [string, Template])[], method: string, frame: Frame): Headers {
  const headers = new Headers();
  if (method !== "GET" && method !== "HEAD") headers.set("content-type", "application/json");
  if (!withoutKey.has(method)) headers.set("idempotency-key", frame.idempotencyKey);
  for (const [name, value] of templates) headers.set(name, textOf(value, frame));
  if (headers.get("idempotency-key") === "") headers.delete("idempotency-key");
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

/** Most characters of a refusing answer that go into the error. */
const quotedMax = 4096;

function outputOfAnswer({ status, statusText, headers, text }: OutboundAnswer): Record<string, unknown> {
  if (status >= 400) throw new WorkflowError("step.upstream", `HTTP ${status}: ${text.slice(0, quotedMax)}`);
  const reason = statusText === "" ? (STATUS_CODES[status] ?? "") : statusText;
  return { status_code: status, status: `${status} ${reason}`, headers: headerMap(headers), body: jsonOrText(text) };
}
