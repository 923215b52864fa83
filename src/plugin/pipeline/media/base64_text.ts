/** Base64 with what is known of its content. */
export interface EncodedMedia {
  /** The claimed media type in lower case; undefined when none is claimed. */
  readonly claimedType: string | undefined;
  readonly base64: string;
}

/** Takes a `data:` URL (RFC 2397) in base64 apart, or tells what is wrong with it. */
export function parseDataUri(text: string): EncodedMedia | { readonly reason: string } {
  if (text.slice(0, 5).toLowerCase() !== "data:") return { reason: 'the data URI does not begin with "data:"' };
  const comma = text.indexOf(",");
  if (comma < 0) return { reason: "the data URI has no comma before its data" };
  const [type = "", ...parameters] = text.slice(5, comma).split(";");
  if (parameters.at(-1)?.trim().toLowerCase() !== "base64") return { reason: "the data URI is not in base64" };
  const claimed = type.trim().toLowerCase();
  return { claimedType: claimed === "" ? "text/plain" : claimed, base64: text.slice(comma + 1) };
}

/** Decodes base64 or its URL-safe form (RFC 4648 §4, §5), with padding or without; undefined when it is neither. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: /[-_]/.test(text) ? "base64url" : "base64" });
  } catch {
    // Not base64: for the caller a result, because it judges what clients send.
    return undefined;
  }
}
