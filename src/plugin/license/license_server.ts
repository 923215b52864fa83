import { messageOf, WorkflowError } from "../../error/error.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";

/** Time that the license server has for its answer; specified. */
const answerMs = 10_000;

/** Size of an answer that is read; guessed, far more than a license needs. */
const answerBytesMax = 1024 * 1024;

/** What a license allows, with the key left out: answers show it. */
export interface License {
  readonly tier: string;
  readonly organization: string;
  /** RFC 3339. */
  readonly expires_at: string;
  readonly max_workflows: number;
  readonly max_plugins: number;
  readonly features: readonly string[];
}

/** A verdict of the license server. */
export interface LicenseVerdict {
  readonly valid: boolean;
  readonly license?: License;
  readonly error?: string;
}

/** Asks the license server about a key. Throws `step.upstream` when it cannot be asked or answers nonsense. */
export async function askLicenseServer(server: string, key: string, signal: AbortSignal): Promise<LicenseVerdict> {
  try {
    const response = await fetch(`${server.replace(/\/+$/, "")}/validate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key }),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    const text = await limitedText(response);
    if (!response.ok) throw new WorkflowError("step.upstream", `it answered with status ${response.status}`);
    return readVerdict(parseJson(text));
  } catch (error) {
    if (signal.aborted) throw error;
    throw new WorkflowError("step.upstream", `license server: ${messageOf(error)}`, { cause: error });
  }
}

async function limitedText(response: Response): Promise<string> {
  const bytes: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > answerBytesMax)
      throw new WorkflowError("step.upstream", `it answered more than ${answerBytesMax} bytes`);
    bytes.push(chunk);
  }
  return Buffer.concat(bytes).toString("utf8");
}

function readVerdict(answer: unknown): LicenseVerdict {
  const valid = ownValue(answer, "valid");
  if (typeof valid !== "boolean") throw new WorkflowError("step.upstream", "its answer has no `valid`");
  const error = ownValue(answer, "error");
  const license = ownValue(answer, "license");
  return {
    valid,
    ...(isPlainMap(license) ? { license: readLicense(license) } : {}),
    ...(typeof error === "string" && error !== "" ? { error } : {}),
  };
}

function readLicense(license: Readonly<Record<string, unknown>>): License {
  const text = (key: string) => {
    const value = ownValue(license, key);
    return typeof value === "string" ? value : "";
  };
  const number = (key: string) => {
    const value = ownValue(license, key);
    return typeof value === "number" ? value : 0;
  };
  const features = ownValue(license, "features");
  return {
    tier: text("tier"),
    organization: text("organization"),
    expires_at: text("expires_at"),
    max_workflows: number("max_workflows"),
    max_plugins: number("max_plugins"),
    features: Array.isArray(features) ? features.filter((feature) => typeof feature === "string") : [],
  };
}
