import { crc32, deflateRawSync } from "node:zlib";

/** A text file of an archive. The path is relative, with `/`. */
export interface ZipEntry {
  readonly path: string;
  readonly text: string;
}

// Every file has the earliest date of the format, 1 January 1980: the same files give the same bytes.
const date = 0x0021;
const utf8Names = 0x0800;
const deflated = 8;
const versionNeeded = 20;

/** A ZIP archive of the files (PKWARE APPNOTE 6.3, without its 64-bit parts: less than 4 GiB and 65,536 files). */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, text } of entries) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)];
    const packed = deflateRawSync(content);
    const facts = factsOf({ content, packed, name });
    const local = Buffer.concat([numbers([0x04034b50, 4], [versionNeeded, 2]), facts, numbers([0, 2]), name, packed]);
    parts.push(local);
    directory.push(
      // Made by the same version; after the facts: no extra field, comment, disk or attributes.
      Buffer.concat([
        numbers([0x02014b50, 4], [versionNeeded, 2], [versionNeeded, 2]),
        facts,
        numbers([0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
        name,
      ]),
    );
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const count = entries.length;
  const end = numbers(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [listing.length, 4],
    [offset, 4],
    [0, 2],
  );
  return Buffer.concat([...parts, listing, end]);
}

/** The fields that a file's header and its entry in the directory share, from the flags to the length of the name. */
function factsOf({ content, packed, name }: Record<"content" | "packed" | "name", Buffer>): Buffer {
  return numbers(
    [utf8Names, 2],
    [deflated, 2],
    [0, 2],
    [date, 2],
    [crc32(content), 4],
    [packed.length, 4],
    [content.length, 4],
    [name.length, 2],
  );
}

/** Unsigned numbers, each in 2 or 4 bytes, the least significant first. */
function numbers(...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((total, [, bytes]) => total + bytes, 0));
  let offset = 0;
  for (const [value, bytes] of fields) offset = buffer.writeUIntLE(value, offset, bytes);
  return buffer;
}
