import type { Frame } from "../../../port/frame.ts";

/** One piece of work by its index. The signal aborts when the run ends or another piece has failed. */
export type Piece = (index: number, signal: AbortSignal) => Promise<void>;

/**
 * Does `count` pieces of work, at most `limit` at a time, in the order of their indices. The first failure aborts the
 * pieces under way and keeps the others from starting; it is thrown once all of them have ended.
 */
export async function runBounded(
  frame: Frame,
  { count, limit }: { readonly count: number; readonly limit: number },
  piece: Piece,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([frame.signal, failed.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count && failures.length === 0) {
      const index = next++;
      try {
        await piece(index, signal);
      } catch (error) {
        failures.push(error);
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, limit) }, work));
  // Those after the first may only tell that they were aborted.
  if (failures.length > 0) throw failures[0];
}
