/** One measured figure beside what is expected of it. */
export interface Figure {
  readonly work: string;
  readonly figure: string;
  readonly target?: string;
  /** Absent for figures that are only told. */
  readonly isMet?: boolean;
}

/** A figure that must not be above a bound. */
export function atMost(work: string, value: number, bound: number, unit: string): Figure {
  return { work, figure: `${shown(value)} ${unit}`, target: `≤ ${bound} ${unit}`, isMet: value <= bound };
}

/** A figure that must not be below a bound. */
export function atLeast(work: string, value: number, bound: number, unit: string): Figure {
  return { work, figure: `${shown(value)} ${unit}`, target: `≥ ${bound} ${unit}`, isMet: value >= bound };
}

/** A figure without a target. */
export function told(work: string, figure: string): Figure {
  return { work, figure };
}

/** The first two lines of the Markdown table of figures. */
export const tableHead = "| Work | Figure | Target | Verdict |\n|---|---|---|---|";

/** One figure as a line of the table. */
export function tableLine({ work, figure, target = "", isMet }: Figure): string {
  const verdict = isMet === undefined ? "" : isMet ? "met" : "MISSED";
  return `| ${work} | ${figure} | ${target} | ${verdict} |`;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of all values does not exceed; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Enough digits to compare with. */
export function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
