import { prefixed, WorkflowError } from "../../../error/error.ts";
import type { Frame } from "../../../port/frame.ts";
import type { Pipeline } from "../../../port/pipeline.ts";
import { compileOutputPath } from "../../../template/expression.ts";
import type { Clock } from "../../../time/clock.ts";

/** Most levels of pipelines that call each other; deeper is taken for an endless recursion. */
export const callDepthMax = 100;

/** A pipeline that is about to be called. */
export interface PipelineCall {
  readonly target: Pipeline;
  readonly data: Record<string, unknown>;
  readonly callDepth: number;
  /** What started the run, as executions show it. */
  readonly trigger: string;
  readonly pattern: string;
}

/** The depth of a call made by the frame's run. Throws `run.too_deep`, with `prefix` before the message. */
export function nextCallDepth(frame: Frame, prefix: string): number {
  const callDepth = frame.callDepth + 1;
  if (callDepth <= callDepthMax) return callDepth;
  const text = `${prefix}pipelines call each other in more than ${callDepthMax} levels`;
  throw new WorkflowError("run.too_deep", text, { hint: "look for pipelines that call themselves" });
}

/** Runs the pipeline with the caller's request, so that it may answer it, and with a deadline. */
export async function callWithin(
  timeoutMs: number,
  clock: Clock,
  { target, data, ...options }: PipelineCall,
  frame: Frame,
): Promise<Record<string, unknown>> {
  const deadline = new AbortController();
  const late = new WorkflowError("run.timeout", "context deadline exceeded");
  const cancelTimer = clock.setTimeout(timeoutMs, () => deadline.abort(late));
  try {
    const signal = AbortSignal.any([frame.signal, deadline.signal]);
    const { exchange } = frame;
    const idempotencyKey = callKey(frame);
    return await target.run(data, { ...options, exchange, signal, idempotencyKey, parent: frame });
  } finally {
    cancelTimer();
  }
}

/** Makes the called run happen once, however often the calling step runs; what is gone after a crash needs no key. */
export function callKey(frame: Frame): string | undefined {
  return frame.isDurable ? frame.idempotencyKey : undefined;
}

/** Computes what a called pipeline starts with. A template that fails is told with `prefix`. */
export function resolveInput(prefix: string, resolve: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return resolve();
  } catch (error) {
    throw prefixed(`${prefix}failed to resolve input: `, error, "step.template");
  }
}

/** What of a pipeline's result becomes the output: all of it as `result`, or the mapped paths. */
export function resultShape(
  mapping: Readonly<Record<string, string>> | undefined,
): (result: Record<string, unknown>) => Record<string, unknown> {
  if (mapping === undefined) return (result) => ({ result });
  const parts = Object.entries(mapping).map(([key, path]) => ({ key, read: compileOutputPath(path) }));
  return (result) => Object.fromEntries(parts.map(({ key, read }) => [key, read(result) ?? null]));
}
