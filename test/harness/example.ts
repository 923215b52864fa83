import { dirname, join } from "node:path";
import { root } from "../../script/repository.ts";
import { type RunningExecutable, startExecutable } from "./executable.ts";
import { freePort } from "./process.ts";

/** The executable with an example. */
export interface RunningExample extends RunningExecutable {
  /** Runs a shell command in which ports are those that the example names. */
  shell(command: string): Promise<string>;
  /** Runs the curl lines of the example's head one after the other and gives what each printed. */
  tryIt(): Promise<readonly string[]>;
}

/**
 * Starts an example, by its path below `example/`, with a free port in place of each that it names: 8080 of the first
 * http.server, 8081 of the management, and the defaults in `${NAME_PORT:-8091}`.
 */
export async function startExample(example: string): Promise<RunningExample> {
  const config = join(root, "example", example);
  const chosen = await choosePorts(config);
  const environment = Object.fromEntries(chosen.map(({ variable, port }) => [variable, String(port)]));
  // Where 8080 is not named, a variable gives the port of the first http.server, too.
  const address = (await Bun.file(config).text()).includes("localhost:8080") ? ["-addr", "127.0.0.1:0"] : [];
  const args = ["-config", config, "-mgmt-addr", "127.0.0.1:0", ...address];
  const running = await startExecutable(args, { environment });
  try {
    const [, management = ""] = await running.logged(/Admin UI on http:\/\/localhost:(\d+)/);
    const [, engine = ""] = await running.logged(/Workflow engine on [^"\n]*?:(\d+)/);
    const ports = new Map(chosen.map(({ standard, port }) => [standard, String(port)]));
    ports.set("8080", engine).set("8081", management);
    const shell = (command: string) => running.shell(withPorts(command, ports));
    return {
      get log() {
        return running.log;
      },
      logged: running.logged,
      shell,
      async tryIt() {
        const printed: string[] = [];
        for (const command of await curlCommands(config)) printed.push(await shell(command));
        return printed;
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

interface ChosenPort {
  readonly variable: string;
  /** The port without the variable. */
  readonly standard: string;
  readonly port: number;
}

/** A free port for each variable of the example, or of all files in its folder when it has one of its own. */
async function choosePorts(config: string): Promise<readonly ChosenPort[]> {
  const folder = dirname(config);
  const isAlone = folder === join(root, "example");
  const files = isAlone ? [config] : [...new Bun.Glob("**/*.yaml").scanSync({ cwd: folder, absolute: true })];
  const standards = new Map<string, string>();
  for (const file of files) {
    const text = await Bun.file(file).text();
    for (const [, variable = "", standard = ""] of text.matchAll(/\$\{([A-Z_]+_PORT):-(\d+)\}/g)) {
      standards.set(variable, standard);
    }
  }
  return [...standards].map(([variable, standard]) => ({ variable, standard, port: freePort() }));
}

/** The commands in the comment at the head of a file; those with a placeholder such as `<id>` are for people. */
async function curlCommands(config: string): Promise<readonly string[]> {
  const lines = (await Bun.file(config).text()).split("\n");
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("#")),
  );
  const text = head.map((line) => line.replace(/^# {0,3}/, "")).join("\n");
  const commands = text.replaceAll(/\\\n\s*/g, "").split("\n");
  return commands
    .filter((line) => /^(curl|for) /.test(line) && !/<\w+>/.test(line))
    .map((line) => line.replace(/ {2,}\(.*\)$/, ""));
}

function withPorts(command: string, ports: ReadonlyMap<string, string>): string {
  return command.replaceAll(/localhost:(\d+)/g, (whole, port: string) => {
    const actual = ports.get(port);
    return actual === undefined ? whole : `127.0.0.1:${actual}`;
  });
}
