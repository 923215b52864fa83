import { open, rename, rm } from "node:fs/promises";
import type { Content } from "../../../port/artifact_store.ts";

/** Bytes that are read at once: large enough that the number of calls does not matter. */
const chunkBytes = 256 * 1024;

/** How a file is written. */
export interface WriteOptions {
  /** Where the content is collected, on the same file system as the target. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  /** Called with the bytes so far; throws when they are too many. */
  readonly checkSize?: (sizeBytes: number) => void;
}

/** Reads a file in pieces. It is opened when the first piece is asked for. */
export async function* readContent(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r");
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Writes a new file to the disk and gives its size. A file that cannot be completed is removed. */
export async function writeTemporary(
  content: Content,
  { temporary, signal, checkSize }: WriteOptions,
): Promise<number> {
  const handle = await open(temporary, "wx");
  try {
    try {
      let sizeBytes = 0;
      for await (const chunk of content) {
        signal.throwIfAborted();
        checkSize?.(sizeBytes + chunk.byteLength);
        for (let done = 0; done < chunk.byteLength;) {
          const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, sizeBytes + done);
          done += bytesWritten;
        }
        sizeBytes += chunk.byteLength;
      }
      await handle.sync();
      return sizeBytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Puts a completed file in its place, at once and over what was there. */
export async function putInPlace(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
