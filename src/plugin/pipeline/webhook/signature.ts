import { createHmac, timingSafeEqual } from "node:crypto";

/** How a sender signs and writes its signatures. */
export interface SignatureScheme {
  readonly algorithm: "sha1" | "sha256";
  readonly encoding: "base64" | "hex";
  /** Stands before the signature in the header, such as `sha256=`. */
  readonly prefix: string;
}

/** The schemes by the name that configurations use. */
export const signatureSchemes = {
  "hmac-sha1": { algorithm: "sha1", encoding: "base64", prefix: "" },
  "hmac-sha256": { algorithm: "sha256", encoding: "hex", prefix: "" },
  "hmac-sha256-hex": { algorithm: "sha256", encoding: "hex", prefix: "sha256=" },
} as const satisfies Record<string, SignatureScheme>;

/**
 * Whether a header's value is the HMAC (RFC 2104) of the signed parts, one after the other. Takes as long for a wrong
 * signature as for a right one.
 */
export function isSignedBy(
  secret: string,
  written: string,
  parts: readonly (string | Uint8Array)[],
  { algorithm, encoding, prefix }: SignatureScheme,
): boolean {
  if (!written.startsWith(prefix)) return false;
  const hmac = createHmac(algorithm, secret);
  for (const part of parts) hmac.update(part);
  const expected = hmac.digest();
  const given = Buffer.from(written.slice(prefix.length), encoding);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A `Stripe-Signature` header: when the message was signed, in epoch seconds, and its signatures. */
export interface StripeSignature {
  readonly timestampS: number;
  readonly signatures: readonly string[];
}

/** Reads `t=…,v1=…`; undefined when it has no time or no signature of version 1. */
export function parseStripeSignature(written: string): StripeSignature | undefined {
  let timestamp: string | undefined;
  const signatures: string[] = [];
  for (const part of written.split(",")) {
    const [key, value = ""] = part.trim().split("=", 2);
    if (key === "t") timestamp ??= value;
    if (key === "v1") signatures.push(value);
  }
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) return undefined;
  return { timestampS: Number(timestamp), signatures };
}
