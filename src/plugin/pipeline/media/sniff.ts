/** Bytes that are looked at, as in the MIME Sniffing standard, §5.1, where more are never needed. */
const sniffedBytes = 512;

/** A pattern at a place in the bytes; a dot stands for any byte. */
interface Signature {
  readonly pattern: string;
  readonly type: string;
}

const signatures: readonly Signature[] = [
  { pattern: "%PDF-", type: "application/pdf" },
  { pattern: "%!PS-Adobe-", type: "application/postscript" },
  { pattern: "\xfe\xff", type: "text/plain" },
  { pattern: "\xff\xfe", type: "text/plain" },
  { pattern: "\xef\xbb\xbf", type: "text/plain" },
  { pattern: "\x00\x00\x01\x00", type: "image/x-icon" },
  { pattern: "\x00\x00\x02\x00", type: "image/x-icon" },
  { pattern: "BM", type: "image/bmp" },
  { pattern: "GIF87a", type: "image/gif" },
  { pattern: "GIF89a", type: "image/gif" },
  { pattern: "RIFF....WEBPVP", type: "image/webp" },
  { pattern: "\x89PNG\r\n\x1a\n", type: "image/png" },
  { pattern: "\xff\xd8\xff", type: "image/jpeg" },
  { pattern: "FORM....AIFF", type: "audio/aiff" },
  { pattern: "ID3", type: "audio/mpeg" },
  { pattern: "OggS\x00", type: "application/ogg" },
  { pattern: "MThd\x00\x00\x00\x06", type: "audio/midi" },
  { pattern: "RIFF....AVI ", type: "video/avi" },
  { pattern: "RIFF....WAVE", type: "audio/wave" },
  { pattern: "\x1aE\xdf\xa3", type: "video/webm" },
  { pattern: "\x00\x01\x00\x00", type: "font/ttf" },
  { pattern: "OTTO", type: "font/otf" },
  { pattern: "ttcf", type: "font/collection" },
  { pattern: "wOFF", type: "font/woff" },
  { pattern: "wOF2", type: "font/woff2" },
  { pattern: "\x1f\x8b\x08", type: "application/x-gzip" },
  { pattern: "PK\x03\x04", type: "application/zip" },
  { pattern: "Rar!\x1a\x07", type: "application/x-rar-compressed" },
  { pattern: "\x00asm", type: "application/wasm" },
];

const htmlStart =
  /^[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]/i;
const xmlStart = /^[\t\n\f\r ]*<\?xml/;
const binaryByte = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

/**
 * The media type that the first bytes tell, by the tables of the WHATWG's MIME Sniffing standard (§6 and §7);
 * `text/plain` for text that is nothing else, and `application/octet-stream` for other bytes.
 */
export function sniffMediaType(bytes: Uint8Array): string {
  const head = bytes.subarray(0, sniffedBytes);
  // One character for each byte, so that patterns can be written as text.
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
  if (htmlStart.test(text)) return "text/html";
  if (xmlStart.test(text)) return "text/xml";
  const found = signatures.find(({ pattern }) => startsWithPattern(text, pattern));
  if (found !== undefined) return found.type;
  if (isMp4(head, text)) return "video/mp4";
  return binaryByte.test(text) ? "application/octet-stream" : "text/plain";
}

function startsWithPattern(text: string, pattern: string): boolean {
  if (!pattern.includes("....")) return text.startsWith(pattern);
  const [before = "", after = ""] = pattern.split("....");
  return text.startsWith(before) && text.startsWith(after, before.length + 4);
}

/** §6.2.1: a box `ftyp` whose major or a compatible brand begins with `mp4`. */
function isMp4(head: Uint8Array, text: string): boolean {
  if (head.length < 12 || !text.startsWith("ftyp", 4)) return false;
  const boxBytes = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0);
  if (head.length < boxBytes || boxBytes % 4 !== 0) return false;
  for (let at = 8; at < boxBytes; at += 4) if (at !== 12 && text.startsWith("mp4", at)) return true;
  return false;
}
