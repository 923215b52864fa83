// Formats the code in place: all of it, or the files named as arguments.
import { runBun } from "./child.ts";
import { formatArguments } from "./source_style.ts";

process.exitCode = await runBun(formatArguments(process.argv.slice(2)));
