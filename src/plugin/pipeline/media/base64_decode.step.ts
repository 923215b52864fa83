import { defineStep } from "../../../define/define.ts";
import { messageOf } from "../../../error/error.ts";
import type { Frame } from "../../../port/frame.ts";
import { choice, count, Type, valuePath } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import type { PathExpression } from "../../../template/expression.ts";
import { decodeBase64, type EncodedMedia, parseDataUri } from "./base64_text.ts";
import { extensionOf } from "./extension.ts";
import { sniffMediaType } from "./sniff.ts";

/** Decodes and judges base64 that a client sent. What is wrong with it is a result and not a failure. */
export default defineStep({
  type: "step.base64_decode",
  summary: "Decode base64 or a data URI and tell the type and size of its content; invalid input is a result.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    input_from: valuePath("dotted", { description: "Path of the text among the values of the run." }),
    format: choice(["data_uri", "raw_base64"], {
      description: "Whether the text is a `data:` URI or only base64.",
      default: "data_uri",
      invalid: "error",
    }),
    allowed_types: Type.Array(Type.String({ description: "Media type, such as `image/png`." }), {
      description: "Media types that are accepted; all of them without.",
      default: [],
    }),
    max_size_bytes: count({
      description: "Most bytes of the decoded content; 0 means no limit.",
      default: 0,
      minimum: 0,
    }),
    validate_magic_bytes: Type.Boolean({
      description: "Whether the first bytes of the content must tell the same type as the data URI claims.",
      default: false,
    }),
  }),
  output: outputOf(["valid", "content_type", "extension", "size_bytes", "data", "reason"]),
  build(_context, { input_from, format, allowed_types, max_size_bytes, validate_magic_bytes }) {
    const allowed = new Set(allowed_types.map((type) => canonical(type.trim().toLowerCase())));
    return (frame) => {
      const encoded = encodedFrom(input_from, format, frame);
      if ("reason" in encoded) return { output: invalid(encoded.reason) };
      const { claimedType, base64 } = encoded;
      const bytes = decodeBase64(base64);
      if (bytes === undefined) return { output: invalid("the text is not valid base64") };
      if (max_size_bytes > 0 && bytes.length > max_size_bytes) {
        return { output: invalid(`the content is larger than ${max_size_bytes} bytes`) };
      }
      const type = judgeType(bytes, claimedType, validate_magic_bytes);
      if (typeof type !== "string") return { output: invalid(type.reason) };
      if (allowed.size > 0 && !allowed.has(canonical(type))) {
        return { output: invalid(`content type ${JSON.stringify(type)} is not allowed`) };
      }
      const content = { content_type: type, extension: extensionOf(type), size_bytes: bytes.length };
      return { output: { valid: true, ...content, data: bytes.toBase64() } };
    };
  },
});

function encodedFrom(
  path: PathExpression,
  format: "data_uri" | "raw_base64",
  frame: Frame,
): EncodedMedia | { readonly reason: string } {
  let text: unknown;
  try {
    text = path.get(frame);
  } catch (error) {
    return { reason: messageOf(error) };
  }
  if (typeof text !== "string" || text === "") return { reason: "the input is not text, or is empty" };
  return format === "data_uri" ? parseDataUri(text.trim()) : { claimedType: undefined, base64: text };
}

/** The content's type: as claimed, unless nothing is claimed or the claim is to be checked. */
function judgeType(
  bytes: Uint8Array,
  claimed: string | undefined,
  isChecked: boolean,
): string | { readonly reason: string } {
  if (claimed !== undefined && !isChecked) return claimed;
  const found = sniffMediaType(bytes);
  if (claimed === undefined || canonical(claimed) === found) return found;
  return { reason: `the content is ${found} and not ${JSON.stringify(claimed)} as claimed` };
}

/** Two names are in use for JPEG. */
function canonical(type: string): string {
  return type === "image/jpg" ? "image/jpeg" : type;
}

function invalid(reason: string): Record<string, unknown> {
  return { valid: false, reason, content_type: "", extension: "", size_bytes: 0, data: "" };
}
