// Installs what is missing, builds dist/server and runs every test but the long ones; arguments go to `bun test`.
import { buildInChild } from "./build_child.ts";
import { prepareSystemPackages } from "./system_packages.ts";
import { runTests } from "./test_run.ts";
import { prepareToolchain } from "./toolchain.ts";

await prepareToolchain();
prepareSystemPackages();
await buildInChild();
process.exitCode = await runTests(["--parallel", "--path-ignore-patterns=test/long/**", ...process.argv.slice(2)]);
