import { writeSync } from "node:fs";
import { formatTextLine, isSettled } from "./line.ts";
import type { LogAttributes, LogRecord, LogSink } from "./logger.ts";

/** What a line that is not formatted yet counts. */
const usualLineBytes = 128;

/** Bytes held back before they are written at once. */
const flushAtBytes = 64 * 1024;

/**
 * Longest time that a line waits, in milliseconds. Writing once per turn of the event loop cost a fifth of the
 * throughput of small requests; nobody who reads a log notices 10 ms.
 */
const flushAfterMs = 10;

/**
 * Collects lines and writes them to a file descriptor together. `flush` writes at once and is called before the process
 * ends, so that no line is lost.
 */
export class LineOutput {
  readonly #descriptor: number;
  #pending: (string | LogRecord)[] = [];
  /** How the records among the pending are written. */
  #toLine: (record: LogRecord) => string = formatTextLine;
  #pendingBytes = 0;
  #isScheduled = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Attributes that were found to be settled and cannot change: those of a logger without any of the record's own. */
  #settled: LogAttributes | undefined;

  readonly write = (line: string): void => this.#add(line, line.length);

  /**
   * A sink that formats its records when they are written. Between two requests a line costs ten times what it costs in
   * one go with others, when the processor has the code at hand.
   */
  sink(toLine: (record: LogRecord) => string): LogSink {
    return (record) => {
      const { attributes } = record;
      if (attributes !== this.#settled) {
        if (!isSettled(attributes)) return this.write(toLine(record));
        if (Object.isFrozen(attributes)) this.#settled = attributes;
      }
      if (this.#toLine !== toLine) {
        this.flush();
        this.#toLine = toLine;
      }
      this.#add(record, usualLineBytes);
    };
  }

  #add(line: string | LogRecord, bytes: number): void {
    this.#pending.push(line);
    this.#pendingBytes += bytes;
    if (this.#pendingBytes >= flushAtBytes) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => this.flush(), flushAfterMs);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#pending.length === 0) return;
    let text = "";
    for (const line of this.#pending) text += typeof line === "string" ? line : this.#toLine(line);
    const bytes = Buffer.from(text);
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let offset = 0; offset < bytes.length;) offset += this.#writeSome(bytes, offset);
  }

  #writeSome(bytes: Buffer, offset: number): number {
    try {
      return writeSync(this.#descriptor, bytes, offset);
    } catch (error) {
      // A full pipe refuses for a moment; a closed one will never take the rest.
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
      return bytes.length - offset;
    }
  }
}
