import { expect, test } from "bun:test";
import { RunCircuit } from "../../../../src/plugin/pipeline/circuit/run_circuit.ts";
import { ManualClock } from "../../../harness/manual_clock.ts";

const limits = { failures: 2, successes: 2, openMs: 1000 };

/** A circuit that has just opened. */
function opened(): { readonly circuit: RunCircuit; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const circuit = new RunCircuit(limits, clock);
  for (let run = 0; run < 2; run++) circuit.failed(circuit.admit()?.turn ?? -1);
  return { circuit, clock };
}

test("only failures in a row open it", () => {
  const circuit = new RunCircuit(limits, new ManualClock());
  circuit.failed(0);
  circuit.succeeded(0);
  circuit.failed(0);
  expect(circuit.state).toBe("closed");
  circuit.failed(0);
  expect([circuit.state, circuit.waitMs, circuit.admit()]).toEqual(["open", 1000, undefined]);
});

test("after the pause as many runs try as must succeed, and then it closes", async () => {
  const { circuit, clock } = opened();
  await clock.advance(1000);
  const first = circuit.admit();
  const second = circuit.admit();
  expect([first, second, circuit.admit()]).toEqual([
    { state: "half-open", isTransition: true, turn: 2 },
    { state: "half-open", isTransition: false, turn: 2 },
    undefined,
  ]);
  circuit.succeeded(2);
  expect([circuit.state, circuit.admit()]).toEqual(["half-open", undefined]);
  circuit.succeeded(2);
  expect([circuit.state, circuit.admit()]).toEqual(["closed", { state: "closed", isTransition: false, turn: 3 }]);
});

test("one failure while it is half open opens it for another pause", async () => {
  const { circuit, clock } = opened();
  await clock.advance(1000);
  circuit.failed(circuit.admit()?.turn ?? -1);
  expect([circuit.state, circuit.waitMs]).toEqual(["open", 1000]);
});

test("runs that began before the last change no longer count", async () => {
  const { circuit, clock } = opened();
  await clock.advance(1000);
  circuit.admit();
  circuit.failed(0);
  circuit.succeeded(0);
  circuit.undecided(0);
  expect([circuit.state, circuit.admit() === undefined, circuit.admit()]).toEqual(["half-open", false, undefined]);
});

test("a trial that tells nothing, or is not heard of for the length of a pause, makes room for another", async () => {
  const { circuit, clock } = opened();
  await clock.advance(1000);
  circuit.admit();
  circuit.admit();
  circuit.undecided(2);
  expect([circuit.admit()?.state, circuit.admit()]).toEqual(["half-open", undefined]);
  await clock.advance(1000);
  expect(circuit.admit()?.state).toBe("half-open");
});
