import { WorkflowError } from "../../error/error.ts";
import { parseJson } from "../../json/parse.ts";
import type { FlagType } from "../../port/flag.ts";

/** Reads the text of a flag's value. Throws `step.invalid_input` when it does not fit the type. */
export function parseFlagValue(type: FlagType, text: string): unknown {
  switch (type) {
    case "string":
      return text;
    case "boolean":
      if (/^(1|t|true)$/i.test(text)) return true;
      if (/^(0|f|false)$/i.test(text)) return false;
      throw misfit(type, text);
    case "integer":
      if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw misfit(type, text);
      return Number(text);
    case "float":
      if (text.trim() === "" || !Number.isFinite(Number(text))) throw misfit(type, text);
      return Number(text);
    case "json":
      return parseJson(text);
  }
}

/** What a user outside a rollout gets. */
export function offValue(type: FlagType): unknown {
  switch (type) {
    case "boolean":
      return false;
    case "string":
      return "";
    case "integer":
    case "float":
      return 0;
    case "json":
      return null;
  }
}

function misfit(type: FlagType, text: string): WorkflowError {
  return new WorkflowError("step.invalid_input", `the value ${JSON.stringify(text)} is not of the type ${type}`);
}
