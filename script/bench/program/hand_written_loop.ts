// What a careful developer writes by hand for the durable order of durable.yaml: the same rows in the same number of
// commits, each on the disk before the next step begins, and requests that arrive together share a commit. Takes the
// path of a new database file and prints its port.
import { Database } from "bun:sqlite";

const database = new Database(process.argv[2] ?? ":memory:", { create: true });
database.run("pragma journal_mode = wal");
database.run("pragma synchronous = full");
database.run("pragma cache_size = -8000");
database.run("pragma wal_autocheckpoint = 2000");
database.run(`create table run (id text primary key, pipeline text not null, status text not null, input text not null,
  created_at bigint not null, finished_at bigint)`);
database.run(`create table step (run text not null, seq integer not null, name text not null, output text not null,
  started_at bigint not null, finished_at bigint not null, primary key (run, seq))`);

const insertRun = database.prepare("insert into run values (?1, 'order', 'running', ?2, ?3, null)");
const insertStep = database.prepare("insert into step values (?1, ?2, ?3, ?4, ?5, ?6)");
const finishRun = database.prepare("update run set status = 'completed', finished_at = ?2 where id = ?1");

interface Waiting {
  write(): void;
  resolve(): void;
  reject(error: unknown): void;
}

let waiting: Waiting[] = [];

const writeAll = database.transaction((group: readonly Waiting[]) => {
  for (const { write } of group) write();
});

/** Resolves when what `write` does is on the disk; everything of one turn of the event loop is one transaction. */
function commit(write: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ write, resolve, reject });
  });
}

function flush(): void {
  const group = waiting;
  waiting = [];
  try {
    writeAll.immediate(group);
    for (const { resolve } of group) resolve();
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

const cache = new Map<string, string>();

/** Does one step; gives what writes its row. */
function step(run: string, seq: number, name: string, work: () => unknown): () => void {
  const startedAt = Date.now();
  const output = JSON.stringify(work());
  const finishedAt = Date.now();
  return () => insertStep.run(run, seq, name, output, startedAt, finishedAt);
}

function kept(key: string, value: string): unknown {
  cache.set(key, value);
  return { cached: true };
}

async function order(request: Request): Promise<Response> {
  const text = await request.text();
  const body: unknown = JSON.parse(text);
  const name = typeof body === "object" && body !== null && "order" in body ? String(body.order) : "";
  const id = Bun.randomUUIDv7();
  const createdAt = Date.now();
  await commit(() => insertRun.run(id, text, createdAt));
  await commit(step(id, 1, "reserve", () => kept("reserved", name)));
  await commit(step(id, 2, "charge", () => kept("charged", name)));
  const shipped = step(id, 3, "ship", () => kept("shipped", name));
  const answer = { order: name, status: "shipped" };
  const answered = step(id, 4, "answer", () => answer);
  await commit(() => {
    shipped();
    answered();
    finishRun.run(id, Date.now());
  });
  return new Response(`${JSON.stringify(answer)}\n`, {
    status: 201,
    headers: { "content-type": "application/json" },
  });
}

const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: order });
console.log(server.port);
