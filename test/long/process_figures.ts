import { readdirSync, readFileSync } from "node:fs";

/** What the system knows of a process. */
export interface ProcessFigures {
  readonly residentMb: number;
  /** Files, sockets and the like that are open. */
  readonly handles: number;
  readonly threads: number;
}

/** Reads the figures of a running process from `/proc`, which only Linux has. */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
  return {
    residentMb: Math.round(number("VmRSS") / 102.4) / 10,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    threads: number("Threads"),
  };
}
