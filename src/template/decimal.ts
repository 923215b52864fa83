import { padExponent, printNumber } from "./print.ts";

/** JavaScript formats at most this many digits exactly; zeros stand for what lies beyond. */
const exactDigitsMax = 100;

/** The size of a number for `%f`: `digits` places after the point, halves to even as in Go. */
export function fixedDigits(size: number, digits: number): string {
  const exact = Math.min(digits, exactDigitsMax);
  const zeros = "0".repeat(digits - exact);
  if (size >= 1e21) return BigInt(size).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");
  const text = size.toFixed(exact);
  if (exact === exactDigitsMax || !Number.isInteger(size * 2 ** (exact + 1))) return text + zeros;
  // Exactly halfway between two results is only possible here; toFixed rounds it up, Go to the even digit.
  const longer = size.toFixed(exact + 1);
  const shorter = longer.slice(0, exact === 0 ? -2 : -1);
  return longer.endsWith("5") && /[02468]$/.test(shorter) ? shorter : text;
}

/** The size of a number for `%e`: one digit before the point, `digits` after it. */
export function exponentDigits(size: number, digits: number): string {
  const exact = Math.min(digits, exactDigitsMax);
  const [mantissa = "", exponent = ""] = padExponent(size.toExponential(exact)).split("e");
  return `${mantissa}${"0".repeat(digits - exact)}e${exponent}`;
}

/** The size of a number for `%g`: at most `digits` digits, the shortest exact text when not given. */
export function generalDigits(size: number, digits: number | undefined): string {
  if (digits === undefined) return printNumber(size);
  const precision = Math.min(Math.max(digits, 1), exactDigitsMax);
  const [mantissa = "", exponent = "0"] = size.toExponential(precision - 1).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= precision) return padExponent(`${withoutTrailingZeros(mantissa)}e${exponent}`);
  return withoutTrailingZeros(fixedDigits(size, Math.max(precision - 1 - power, 0)));
}

function withoutTrailingZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The size of a number for `%x`: a hexadecimal fraction times a power of two, such as `0x1.cp+01`. */
export function hexadecimalDigits(size: number): string {
  if (size === 0) return "0x0p+00";
  let power = Math.floor(Math.log2(size));
  // The logarithm may be off by one at the ends of the range.
  while (scaled(size, -power) >= 2) power++;
  while (scaled(size, -power) < 1) power--;
  let fraction = scaled(size, -power) - 1;
  let digits = "";
  while (fraction > 0) {
    fraction *= 16;
    const digit = Math.floor(fraction);
    digits += digit.toString(16);
    fraction -= digit;
  }
  const sign = power < 0 ? "-" : "+";
  return `0x1${digits === "" ? "" : `.${digits}`}p${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** In two steps, since 2^1074 alone is no finite number. */
function scaled(size: number, power: number): number {
  const half = Math.trunc(power / 2);
  return size * 2 ** half * 2 ** (power - half);
}
