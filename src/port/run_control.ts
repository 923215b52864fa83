import type { DeadLetterDesk } from "./dead_letter.ts";

/** How a run is repeated. */
export interface ReplayRequest {
  /** Laid over the input, key by key; the name of a step gives that step's output instead of running it. */
  readonly modifications?: Readonly<Record<string, unknown>> | undefined;
  /** Takes the outcomes of the steps before this one from the first run. */
  readonly fromStep?: string | undefined;
}

/** What people do with recorded runs. */
export interface RunControl {
  /** Starts a run like another one, with the present definition; gives its id. Throws `run.not_found`. */
  replay(id: string, request: ReplayRequest): Promise<string>;
  readonly deadLetters: DeadLetterDesk;
  /** A text with `${…}` references in the place of what they stand for. */
  conceal(text: string): string;
}
