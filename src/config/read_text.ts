import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { ConfigErrors, WorkflowError } from "../error/error.ts";
import { configBytesMax, parsePrefix, tooLarge } from "./parse.ts";

const chunkBytes = 64 * 1024;

/**
 * Reads a configuration file from disk. It never takes more than the size limit, so that a device or an endless pipe
 * does no harm; `shown` is what messages call it. Throws `config.too_large`, `config.syntax` for bytes that are not
 * UTF-8, and what the file system says.
 */
export function readTextFile(path: string, shown: string = path): string {
  const bytes = readBounded(path, shown);
  if (!isUtf8(bytes)) throw notUtf(bytes, shown);
  const text = bytes.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function readBounded(path: string, shown: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      size += count;
      if (size > configBytesMax) throw tooLarge(shown);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** No multi-byte character holds a line feed, so the first bad line can be found line by line. */
function notUtf(bytes: Buffer, file: string): WorkflowError {
  let line = 1;
  let start = 0;
  for (
    let end = bytes.indexOf(0x0a);
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf(0x0a, start)
  ) {
    start = end + 1;
    line++;
  }
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const problem = new WorkflowError("config.syntax", `yaml: ${isWide ? "UTF-16 text" : "bytes that are not UTF-8"}`, {
    at: [{ file, line, column: 1 }],
    hint: "save the file as UTF-8",
  });
  return new ConfigErrors([problem], parsePrefix);
}
