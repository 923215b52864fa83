import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { buildInChild } from "../build_child.ts";
import { readCommit } from "../repository.ts";
import { measureCrash } from "./durable_crash.ts";
import { measureForeach } from "./durable_foreach.ts";
import { measureOrders } from "./durable_load.ts";
import { type DurableOptions, readDurableOptions } from "./durable_option.ts";
import { type Figure, shown, tableHead, tableLine } from "./durable_report.ts";
import { measureTimers } from "./durable_timer.ts";
import { generatorName } from "./load.ts";
import { restateVersions } from "./peer/restate.ts";

/**
 * `bun run bench durable`: what durable runs cost, on the built executable and a real disk. Gives whether every target
 * was met. Throws for options that it does not know and for a file system in memory, where a commit is free.
 */
export async function benchDurable(args: readonly string[]): Promise<boolean> {
  const options = readDurableOptions(args);
  const fileSystem = fileSystemOf(options.directory);
  if (/^(tmpfs|ramfs)/.test(fileSystem))
    throw new Error(`${options.directory} is in memory (${fileSystem}); use --data`);
  await buildInChild();
  console.log(`${facts(options, fileSystem)}\n${tableHead}`);
  const figures: Figure[] = [];
  for (const measure of measurementsOf(options)) {
    // Each line as soon as it is known: all of it takes a quarter of an hour.
    const measured = await measure(options);
    for (const figure of measured) console.log(tableLine(figure));
    figures.push(...measured);
  }
  return figures.every(({ isMet }) => isMet !== false);
}

type Measure = (options: DurableOptions) => Promise<readonly Figure[]>;

function measurementsOf({ cases }: DurableOptions): readonly Measure[] {
  const measures: Measure[] = [];
  if (cases.has("B1") || cases.has("B2")) measures.push(measureOrders);
  if (cases.has("B8")) measures.push(measureCrash);
  if (cases.has("B9")) measures.push(measureTimers);
  if (cases.has("B10")) measures.push(measureForeach);
  return measures;
}

function facts({ directory, rounds, seconds, withPeers }: DurableOptions, fileSystem: string): string {
  const lines = [
    `${rounds} rounds of ${seconds} s, ${generatorName()}; medians`,
    `commit ${readCommit()}, Bun ${Bun.version}, Linux ${release()}`,
    `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    `file system ${fileSystem}; SQLite with synchronous=full: ${shown(commitsPerSecond(directory))} one-row commits/s`,
  ];
  if (withPeers) lines.push(`Restate ${restateVersions.server}, its SDK ${restateVersions.sdk}`);
  return `${lines.join("\n")}\n`;
}

/** Type and device of the file system that a directory is on. */
function fileSystemOf(directory: string): string {
  const df = Bun.spawnSync(["df", "--output=fstype,source", directory]);
  return df.stdout.toString().trim().split("\n").at(-1)?.replace(/\s+/g, " ") ?? "unknown";
}

/** What the disk gives to a program that commits one row after the other. */
function commitsPerSecond(directory: string): number {
  const file = join(directory, "probe.db");
  const remove = () => {
    for (const ending of ["", "-wal", "-shm"]) rmSync(file + ending, { force: true });
  };
  remove();
  const database = new Database(file, { create: true });
  try {
    database.run("pragma journal_mode = wal");
    database.run("pragma synchronous = full");
    database.run("create table probe (id integer primary key, text text not null)");
    const insert = database.prepare("insert into probe (text) values ('one row')");
    const began = performance.now();
    let commits = 0;
    for (; performance.now() - began < 1000; commits++) insert.run();
    return (commits * 1000) / (performance.now() - began);
  } finally {
    database.close();
    remove();
  }
}
