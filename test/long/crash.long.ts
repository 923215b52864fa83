// The crash campaign: the built executable, under load, is killed at random moments and started again. Nothing that it
// accepted may be lost, and no step whose outcome it had committed may happen again, as counted by the service that the
// steps call. Flags: --kills N, --senders N, --works N (new pieces of work between two kills).
import { parseArgs } from "node:util";
import { runCampaign } from "../fault/campaign.ts";

const { values: flags } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    senders: { type: "string", default: "8" },
    works: { type: "string", default: "50" },
  },
});

const figures = await runCampaign({
  kills: Number(flags.kills),
  senders: Number(flags.senders),
  worksPerServer: Number(flags.works),
  random: Math.random,
  onKill: (kill) => {
    if (kill % 20 === 0) console.log(`${kill} kills`);
  },
});
const times = figures.firstResumedMs.toSorted((a, b) => a - b);
const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? Number.NaN;
console.log(`
| Figure                                      | Value |
| ------------------------------------------- | ----- |
| kills                                       | ${figures.kills} |
| runs accepted                               | ${figures.accepted} |
| runs finished as they must                  | ${figures.completed} |
| runs lost                                   | ${figures.lost} |
| committed steps run again                   | ${figures.committedRepeated} |
| steps repeated because they were in flight  | ${figures.inFlightRepeated} |
| most processes that one run has seen        | ${figures.attemptsMost} |
| first resumed step after start, median (ms) | ${at(0.5)} |
| first resumed step after start, 95 % (ms)   | ${at(0.95)} |
| seconds                                     | ${figures.seconds} |
`);
for (const fault of figures.faults.slice(0, 50)) console.error(`fault: ${fault}`);
if (figures.faults.length > 50) console.error(`and ${figures.faults.length - 50} faults more`);
process.exitCode = figures.faults.length > 0 ? 1 : 0;
