import { defineStep } from "../../../define/define.ts";
import { messageOf, WorkflowError } from "../../../error/error.ts";
import type { Secret } from "../../../log/secret.ts";
import type { Exchange } from "../../../port/exchange.ts";
import type { Frame, StepOutcome } from "../../../port/frame.ts";
import { choice, count, secret, Type, valuePath } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import type { PathExpression } from "../../../template/expression.ts";
import { isSignedBy, parseStripeSignature, type SignatureScheme, signatureSchemes } from "./signature.ts";
import { urlWithForm } from "./signed_text.ts";

/** How far a signed time may lie from ours, as Stripe recommends. */
const toleranceS = 5 * 60;

const refusal = '{"error":"unauthorized","reason":"webhook signature verification failed"}';

/** Refuses requests that are not signed with a shared secret. */
export default defineStep({
  type: "step.webhook_verify",
  summary: "Check the signature of a webhook; a request with a wrong one is answered with an error and ends the run.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    scheme: Type.Optional(
      choice(["hmac-sha1", "hmac-sha256", "hmac-sha256-hex"], {
        description:
          "How the signature is made and written: `hmac-sha1` in base64, `hmac-sha256` in hex, `hmac-sha256-hex` as " +
          "`sha256=` and hex.",
        invalid: "error",
      }),
    ),
    provider: Type.Optional(
      choice(["github", "stripe", "generic"], {
        description:
          "A sender whose scheme is known: GitHub, Stripe (signed at most 5 minutes ago), or `generic` for " +
          "HMAC-SHA256 in hex. Without effect beside `scheme`.",
        invalid: "error",
      }),
    ),
    secret: Type.Optional(
      secret({ description: "The shared secret; `$NAME` and `${NAME}` stand for environment variables." }),
    ),
    secret_from: Type.Optional(
      valuePath("dotted", {
        description: "Path of the shared secret among the values of the run, in place of `secret`.",
        roots: ["steps", "trigger", "meta"],
      }),
    ),
    signature_header: Type.Optional(
      Type.String({
        description: "Header with the signature; required with `scheme`.",
        minLength: 1,
        "x-aliases": ["header"],
      }),
    ),
    include_form_params: Type.Boolean({
      description: "Whether the URL and the fields of the form are signed in place of the body, as Twilio does.",
      default: false,
    }),
    url_reconstruction: Type.Boolean({
      description: "Whether the signed URL begins as the headers X-Forwarded-Proto and X-Forwarded-Host say.",
      default: false,
    }),
    error_status: count({
      description: "Status of the answer to a request that is refused.",
      default: 401,
      minimum: 400,
      maximum: 599,
    }),
  }),
  output: outputOf(["verified", "timestamp", "reason"]),
  build({ name, runtime }, { scheme, provider, signature_header, ...config }) {
    const prefix = `webhook_verify step "${name}": `;
    if (config.secret === undefined && config.secret_from === undefined) {
      throw new WorkflowError("config.required", `${prefix}'secret' or 'secret_from' is required`);
    }
    const readSecret = secretReader(config.secret, config.secret_from);
    const verify = verifierOf(prefix, scheme, provider, signature_header);
    const isForwarded = config.url_reconstruction;
    return async (frame) => {
      const { exchange } = frame;
      if (exchange === undefined) return refused(undefined, config.error_status, "no HTTP request");
      const body = await exchange.bytes();
      // For steps that check or keep exactly what was sent.
      frame.meta._raw_body = body;
      const key = readSecret(frame);
      if (!key.isKnown) return refused(exchange, config.error_status, key.reason);
      const text = config.include_form_params ? await urlWithForm(exchange, { isForwarded }) : body;
      if (text === undefined) return refused(exchange, config.error_status, "the body is not a form");
      const result = verify({ exchange, secret: key.secret, text, nowMs: runtime.clock.now() });
      if (result.reason !== undefined) return refused(exchange, config.error_status, result.reason);
      return { output: { verified: true, ...result } };
    };
  },
});

/** A failed check is no failure of the step: the sender is answered, and the run ends. */
function refused(exchange: Exchange | undefined, status: number, reason: string): StepOutcome {
  exchange?.respond(status, { "content-type": "application/json" }, refusal);
  return { output: { verified: false, reason }, stop: true };
}

type KnownSecret =
  { readonly isKnown: true; readonly secret: string } | { readonly isKnown: false; readonly reason: string };

/** An empty secret, and a reference that was not replaced, would let everybody sign: with them every check fails. */
function secretReader(fixed: Secret | undefined, path: PathExpression | undefined): (frame: Frame) => KnownSecret {
  const checked = (value: unknown): KnownSecret =>
    typeof value === "string" && value !== "" && !/\$\{[^}]*\}/.test(value)
      ? { isKnown: true, secret: value }
      : { isKnown: false, reason: "the secret is not set" };
  if (fixed !== undefined) {
    const known = checked(expandVariable(fixed.reveal()));
    return () => known;
  }
  return (frame) => {
    try {
      return checked(path?.get(frame));
    } catch (error) {
      return { isKnown: false, reason: `the secret is not set: ${messageOf(error)}` };
    }
  };
}

/** `$NAME`, the form without braces, which the configuration does not replace by itself. */
function expandVariable(text: string): string {
  const name = /^\$([A-Za-z_]\w*)$/.exec(text)?.[1];
  return name === undefined ? text : (process.env[name] ?? "");
}

interface Signed {
  readonly exchange: Exchange;
  readonly secret: string;
  readonly text: string | Uint8Array;
  readonly nowMs: number;
}

/** Why a request is refused; without a reason it is accepted. */
interface Verdict {
  readonly reason?: string;
  readonly timestamp?: number;
}
type Verify = (signed: Signed) => Verdict;

function verifierOf(
  prefix: string,
  scheme: keyof typeof signatureSchemes | undefined,
  provider: "github" | "stripe" | "generic" | undefined,
  header: string | undefined,
): Verify {
  if (scheme !== undefined) {
    if (header === undefined) throw new WorkflowError("config.required", `${prefix}'signature_header' is required`);
    return bySignature(header, signatureSchemes[scheme]);
  }
  switch (provider) {
    case "github":
      return bySignature(header ?? "X-Hub-Signature-256", signatureSchemes["hmac-sha256-hex"]);
    case "generic":
      return bySignature(header ?? "X-Signature", signatureSchemes["hmac-sha256"]);
    case "stripe":
      return byTimedSignature(header ?? "Stripe-Signature");
    case undefined:
      throw new WorkflowError("config.required", `${prefix}'scheme' or 'provider' is required`);
  }
}

function bySignature(header: string, scheme: SignatureScheme): Verify {
  return ({ exchange, secret, text }) => {
    const written = exchange.headers.get(header);
    if (written === null) return { reason: `missing header ${header}` };
    return isSignedBy(secret, written.trim(), [text], scheme) ? {} : { reason: "signature mismatch" };
  };
}

function byTimedSignature(header: string): Verify {
  const scheme = signatureSchemes["hmac-sha256"];
  return ({ exchange, secret, text, nowMs }) => {
    const written = exchange.headers.get(header);
    if (written === null) return { reason: `missing header ${header}` };
    const parsed = parseStripeSignature(written);
    if (parsed === undefined) return { reason: `malformed header ${header}` };
    const { timestampS, signatures } = parsed;
    if (Math.abs(nowMs / 1000 - timestampS) > toleranceS) return { reason: "timestamp outside the tolerance" };
    const isSigned = signatures.some((one) => isSignedBy(secret, one, [`${timestampS}.`, text], scheme));
    return isSigned ? { timestamp: timestampS } : { reason: "signature mismatch" };
  };
}
