/**
 * Ends the process at a named place when `WORKFLOW_FAULT_POINT` names it, as a crash there would: nothing is flushed,
 * closed or answered. `name` ends it at the first passage, `name:3` at the third. For tests of recovery.
 */
const [armed = "", count = "1"] = (process.env["WORKFLOW_FAULT_POINT"] ?? "").split(":");
let left = Number(count);

/** Passes, unless the place is armed. */
export function faultPoint(name: string): void {
  if (armed !== "" && armed === name && --left <= 0) process.kill(process.pid, "SIGKILL");
}
