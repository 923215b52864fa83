import { expect, test } from "bun:test";
import type { LogRecord } from "../../../src/log/logger.ts";
import { LogRing, recordsMax } from "../../../src/plugin/observability/log_ring.ts";

const record = (timeMs: number): LogRecord => ({ timeMs, level: "info", message: "m", attributes: {} });

test("keeps the latest 10 000 records, oldest first", () => {
  const ring = new LogRing();
  for (let time = 0; time < recordsMax + 3; time++) ring.add(record(time));
  const times = ring.records().map(({ timeMs }) => timeMs);
  expect(times).toHaveLength(10_000);
  expect(times.slice(0, 2)).toEqual([3, 4]);
  expect(times.at(-1)).toBe(10_002);
});
