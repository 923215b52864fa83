import { Counter, Histogram, type Registry } from "prom-client";

/** A number that is added to on the hot path and read when metrics are scraped. */
export interface CountHandle {
  value: number;
}

/** A histogram's numbers for one set of labels. */
export interface DurationHandle {
  /** One count per bound, and one for what is above the last. Not cumulative. */
  readonly counts: Float64Array;
  sum: number;
}

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

type Labels = Record<string, string>;

interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/** Keeps one handle for each set of label values. */
class Handles<H> {
  readonly #labelNames: readonly string[];
  readonly #make: () => H;
  readonly #byKey = new Map<string, { readonly labels: Labels; readonly handle: H }>();

  constructor(labelNames: readonly string[], make: () => H) {
    this.#labelNames = labelNames;
    this.#make = make;
  }

  of(values: readonly string[]): H {
    const key = JSON.stringify(values);
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      const labels = Object.fromEntries(this.#labelNames.map((name, index) => [name, values[index] ?? ""]));
      entry = { labels, handle: this.#make() };
      this.#byKey.set(key, entry);
    }
    return entry.handle;
  }

  samples(read: (handle: H, labels: Labels) => readonly Sample[]): Sample[] {
    return [...this.#byKey.values()].flatMap(({ labels, handle }) => read(handle, labels));
  }
}

// prom-client looks a child up by a hash of its labels at every call, which costs more than the request's own
// bookkeeping together. These classes keep its exposition and replace the storage by handles that are found once.

/** A counter whose children are plain numbers. */
export class HandleCounter extends Counter {
  readonly #description: Description;
  readonly #handles: Handles<CountHandle>;

  constructor(description: Description, registry: Registry) {
    super({ ...description, labelNames: [...description.labelNames], registers: [registry] });
    this.#description = description;
    this.#handles = new Handles(description.labelNames, () => ({ value: 0 }));
  }

  handle(...values: readonly string[]): CountHandle {
    return this.#handles.of(values);
  }

  getForPromString() {
    const values = this.#handles.samples(({ value }, labels) => [{ labels, value }]);
    return { ...this.#description, type: "counter", values, aggregator: "sum" };
  }
}

/** A histogram whose children are arrays of counts. Bounds are in seconds, rising. */
export class HandleHistogram extends Histogram {
  readonly #description: Description;
  readonly #bounds: readonly number[];
  readonly #handles: Handles<DurationHandle>;

  constructor(description: Description, bounds: readonly number[], registry: Registry) {
    super({ ...description, labelNames: [...description.labelNames], buckets: [...bounds], registers: [registry] });
    this.#description = description;
    this.#bounds = bounds;
    this.#handles = new Handles(description.labelNames, () => ({
      counts: new Float64Array(bounds.length + 1),
      sum: 0,
    }));
  }

  handle(...values: readonly string[]): DurationHandle {
    return this.#handles.of(values);
  }

  /** Counts one duration, in seconds. */
  record(handle: DurationHandle, seconds: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && seconds > (bounds[index] ?? Number.POSITIVE_INFINITY)) index++;
    handle.counts[index] = (handle.counts[index] ?? 0) + 1;
    handle.sum += seconds;
  }

  getForPromString() {
    const { name } = this.#description;
    const values = this.#handles.samples(({ counts, sum }, labels) => {
      let total = 0;
      const buckets = [...this.#bounds.map(String), "+Inf"].map((le, index): Sample => {
        total += counts[index] ?? 0;
        return { labels: { le, ...labels }, value: total, metricName: `${name}_bucket` };
      });
      return [
        ...buckets,
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: total, metricName: `${name}_count` },
      ];
    });
    return { ...this.#description, type: "histogram", values, aggregator: "sum" };
  }
}
