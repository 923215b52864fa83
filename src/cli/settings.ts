import { WorkflowError } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";
import { type CommandName, type Flag, flagByName, type FlagName } from "./flags.ts";

/** The command line with environment and defaults applied. */
export interface Settings {
  /** The value of a flag, or its default; undefined when it has neither. */
  text(name: FlagName): string | undefined;
  isSet(name: FlagName): boolean;
  /** Whether the flag was given, on the command line or in the environment. */
  isGiven(name: FlagName): boolean;
  /** Flags that were given, in the order of the help. */
  readonly given: readonly string[];
  readonly positionals: readonly string[];
  /** Throws `cli.usage` for a flag on the command line that the command does not read. */
  requireReadBy(command: CommandName): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the command line. `-word`, `--word`, `-word value` and `-word=value` are the same. Throws `cli.usage`. */
export function readSettings(args: readonly string[], environment: Environment): Settings {
  const { values: typed, positionals } = readArguments(args);
  const values = new Map<string, string>();
  for (const [name, flag] of flagByName) {
    const value = typed.get(name) ?? fromEnvironment(name, flag, environment);
    if (value !== undefined) values.set(name, value);
  }
  return {
    text: (name) => values.get(name) ?? flagByName.get(name)?.default,
    isSet: (name) => values.get(name) === "true",
    isGiven: (name) => values.has(name),
    given: [...values]
      .filter(([name, value]) => flagByName.get(name)?.type === "string" || value === "true")
      .map(([name]) => name),
    positionals,
    requireReadBy(command) {
      for (const name of typed.keys()) {
        if (readers(name).includes(command)) continue;
        throw usage(`flag -${name} has no meaning for ${command === "serve" ? "a server" : `"${command}"`}`);
      }
    },
  };
}

function readers(name: string): readonly CommandName[] {
  return flagByName.get(name)?.commands ?? ["serve"];
}

/** A mistake on the command line. */
export function usage(text: string, hint = "see -help"): WorkflowError {
  return new WorkflowError("cli.usage", text, { hint });
}

function fromEnvironment(name: string, flag: Flag, environment: Environment): string | undefined {
  const variable = flag.environment;
  const value = variable === undefined ? undefined : environment[variable];
  if (value === undefined || value === "") return undefined;
  return flag.type === "boolean" ? readBoolean(value, variable ?? name) : value;
}

interface Arguments {
  readonly values: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

function readArguments(args: readonly string[]): Arguments {
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--") return { values, positionals: [...positionals, ...args.slice(index + 1)] };
    const found = splitFlag(argument);
    if (found === undefined) {
      positionals.push(argument);
      continue;
    }
    const { name, flag, inline } = found;
    if (flag.type === "boolean") {
      values.set(name, readBoolean(inline ?? "true", `-${name}`));
      continue;
    }
    const value = inline ?? valueAfter(name, args[index + 1]);
    if (inline === undefined) index++;
    if (value === "") values.delete(name);
    else values.set(name, value);
  }
  return { values, positionals };
}

/** Undefined for what is no flag. Throws for an unknown one. */
function splitFlag(argument: string) {
  const match = /^--?([^-=][^=]*)(?:=([\s\S]*))?$/.exec(argument);
  if (match === null) return undefined;
  const name = match[1] === "h" ? "help" : (match[1] ?? "");
  const flag = flagByName.get(name);
  if (flag !== undefined) return { name, flag, inline: match[2] };
  const near = nearestName(name, flagByName.keys());
  throw usage(`unknown flag: -${name}`, near === undefined ? undefined : `did you mean -${near}? see -help`);
}

function valueAfter(name: string, next: string | undefined): string {
  const isFlag = next !== undefined && /^--?[^-]/.test(next) && flagByName.has(next.replace(/^--?|=.*$/g, ""));
  if (next !== undefined && !isFlag) return next;
  throw usage(`flag -${name} needs a value`, `write -${name}=${flagByName.get(name)?.value ?? "VALUE"}`);
}

function readBoolean(text: string, what: string): "true" | "false" {
  switch (text.toLowerCase()) {
    case "true":
    case "t":
    case "1":
      return "true";
    case "false":
    case "f":
    case "0":
      return "false";
    default:
      throw usage(`${what} must be true or false, got "${text}"`);
  }
}
