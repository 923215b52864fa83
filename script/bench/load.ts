/** What one run of load measured. Latencies are in milliseconds. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

/** One kind of request, and for how long to send it. */
export interface Load {
  readonly url: string;
  readonly body: string | undefined;
  readonly connections: number;
  readonly seconds: number;
}

/** Drives a server with wrk when it is there, else with the generator of this folder in a process of its own. */
export async function drive(load: Load): Promise<LoadResult> {
  return Bun.which("wrk") === null ? driveBundled(load) : driveWrk(load);
}

/** The name of the generator that `drive` uses, for the report. */
export function generatorName(): string {
  return Bun.which("wrk") === null ? "bundled generator" : "wrk";
}

const script = (body: string) =>
  `wrk.method = "POST"\nwrk.body = [=[${body}]=]\nwrk.headers["Content-Type"] = "application/json"\n`;

async function driveWrk({ url, body, connections, seconds }: Load): Promise<LoadResult> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
  const lua = `${process.env["TMPDIR"] ?? "/tmp"}/workflow-bench-${process.pid}.lua`;
  if (body !== undefined) {
    await Bun.write(lua, script(body));
    args.push("-s", lua);
  }
  const child = Bun.spawn(["wrk", ...args, url], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  if (body !== undefined) await Bun.file(lua).delete();
  return {
    requestsPerSecond: Number(/Requests\/sec:\s*([\d.]+)/.exec(text)?.[1] ?? 0),
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    failed: Number(/Non-2xx or 3xx responses:\s*(\d+)/.exec(text)?.[1] ?? 0),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? "ms"] ?? 1;
  return Number(match?.[1] ?? 0) * factor;
}

async function driveBundled(load: Load): Promise<LoadResult> {
  const command = [process.execPath, `${import.meta.dir}/generator.ts`, JSON.stringify(load)];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const parsed: unknown = JSON.parse(await new Response(child.stdout).text());
  if (!isResult(parsed)) throw new Error("the load generator gave no result");
  return parsed;
}

function isResult(value: unknown): value is LoadResult {
  return typeof value === "object" && value !== null && "requestsPerSecond" in value && "p99Ms" in value;
}
