import { asWorkflowError } from "../error/error.ts";
import { formatFailure } from "../error/format.ts";
import { commit, version } from "../version.ts";
import { healthcheck } from "./healthcheck.ts";
import { helpText } from "./help.ts";
import { serve } from "./serve.ts";
import { readSettings, type Settings, usage } from "./settings.ts";
import { test } from "./test.ts";
import { validate } from "./validate.ts";

/** Runs the command line and gives the exit code: 0 fine, 1 failed, 2 not understood. */
export async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  try {
    const settings = readSettings(args, environment);
    if (settings.isSet("help")) return print(helpText());
    if (settings.isSet("version")) return print(versionText());
    return await command(settings, environment);
  } catch (error) {
    const failure = asWorkflowError(error);
    process.stderr.write(`${formatFailure(failure)}\n`);
    return failure.code === "cli.usage" ? 2 : 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function versionText(): string {
  return `workflow ${version} (${commit})\n`;
}

function command(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> | number {
  const [name, ...rest] = settings.positionals;
  switch (name) {
    case undefined:
      settings.requireReadBy("serve");
      return serve(settings, environment);
    case "version":
      settings.requireReadBy("version");
      return print(versionText());
    case "healthcheck":
      settings.requireReadBy("healthcheck");
      return healthcheck(settings);
    case "validate":
      settings.requireReadBy("validate");
      return validate(rest, settings, environment);
    case "test":
      settings.requireReadBy("test");
      return test(rest, settings);
    default: {
      const hint = /\.(ya?ml|json)$/.test(name) ? `to run a file write: server -config ${name}` : undefined;
      throw usage(`unknown command: ${name}`, hint);
    }
  }
}
