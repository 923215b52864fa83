import { messageOf, WorkflowError, prefixed } from "../../../error/error.ts";
import { encodeJsonLine } from "../../../json/encode.ts";
import type { Frame, StepOutcome } from "../../../port/frame.ts";
import { choice, Type } from "../../../schema/field.ts";
import { documentOf } from "./document.ts";
import { analyze, type Theme, type UiAnalysis } from "./ui_analysis.ts";

/** The settings that both steps have. */
export const uiFields = {
  title: Type.Optional(Type.String({ description: "Name of the interface; that of the specification without it." })),
  theme: choice(["auto", "light", "dark"], {
    description: "Colours of the interface; `auto` follows the system.",
    default: "auto",
  }),
};

/** What the settings say. */
export interface UiSettings {
  readonly title?: string;
  readonly theme: Theme;
  readonly auth?: boolean;
}

/** What a step answers: for a request, and for a run without one. */
export interface Answer {
  respond(exchange: NonNullable<Frame["exchange"]>): Record<string, unknown>;
  readonly offline: Record<string, unknown>;
}

/**
 * Analyses the specification of the run and answers. With a live request, a specification that cannot be used is
 * answered with 400 and the run ends; without one it fails the step.
 */
export async function runScaffold(
  frame: Frame,
  prefix: string,
  { title, theme, auth }: UiSettings,
  answer: (analysis: UiAnalysis) => Answer,
): Promise<StepOutcome> {
  const { exchange } = frame;
  try {
    const root = await documentOf(frame);
    const wanted = title?.trim() === "" ? undefined : title;
    const made = answer(analyze(root, { title: wanted, theme, auth }));
    if (exchange === undefined) return { output: made.offline };
    return { output: made.respond(exchange), stop: true };
  } catch (error) {
    const isInput = error instanceof WorkflowError && error.code === "step.invalid_input";
    if (exchange === undefined || !isInput) throw prefixed(prefix, error, "step.failed");
    const refusal = { error: messageOf(error) };
    exchange.respond(error.status, { "content-type": "application/json" }, encodeJsonLine(refusal));
    return { output: { status: error.status, ...refusal }, stop: true };
  }
}
