import type { Clock } from "../../time/clock.ts";
import { formatDuration } from "../../time/duration.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import type { License, LicenseVerdict } from "./license_server.ts";

/** What is known of the license, as the status page shows it. */
export interface LicenseStatus extends LicenseVerdict {
  /** RFC 3339: until when the server is not asked again. */
  readonly cached_until: string;
}

/** Whom to ask, and how long a verdict holds. */
export interface LicenseStateOptions {
  readonly cacheTtlMs: number;
  readonly gracePeriodMs: number;
  readonly clock: Clock;
  /** Asks the server; without one the license is the local one. */
  readonly ask: ((signal: AbortSignal) => Promise<LicenseVerdict>) | undefined;
}

const yearMs = 365 * 86_400_000;

/** The last verdict on a license, and how long it holds. */
export class LicenseState {
  readonly #options: LicenseStateOptions;
  #verdict: LicenseVerdict = { valid: false, error: "not validated yet" };
  #cachedUntilMs = 0;
  /** While the server cannot be reached: until when its last word counts. */
  #graceUntilMs: number | undefined;
  /** When the server last said that the license is valid. */
  #confirmedAtMs: number | undefined;

  constructor(options: LicenseStateOptions) {
    this.#options = options;
  }

  get status(): LicenseStatus {
    const { clock, gracePeriodMs } = this.#options;
    const cached_until = formatRfc3339(this.#graceUntilMs ?? this.#cachedUntilMs);
    if (this.#graceUntilMs === undefined || clock.now() < this.#graceUntilMs) return { ...this.#verdict, cached_until };
    const error = `license server unreachable and grace period of ${formatDuration(gracePeriodMs)} expired`;
    return { valid: false, error, cached_until };
  }

  /**
   * Asks again unless the verdict is still good. When the server cannot be reached, a license that was valid stays so
   * during the grace period; rejects with the reason in any case.
   */
  async validate(signal: AbortSignal): Promise<void> {
    const { ask, clock, cacheTtlMs, gracePeriodMs } = this.#options;
    const now = clock.now();
    if (now < this.#cachedUntilMs) return;
    try {
      this.#verdict = ask === undefined ? { valid: true, license: localLicense(now) } : await ask(signal);
      this.#confirmedAtMs = this.#verdict.valid ? now : undefined;
      this.#cachedUntilMs = now + cacheTtlMs;
      this.#graceUntilMs = undefined;
    } catch (error) {
      this.#graceUntilMs = this.#confirmedAtMs === undefined ? now : this.#confirmedAtMs + gracePeriodMs;
      throw error;
    }
  }
}

function localLicense(nowMs: number): License {
  return {
    tier: "starter",
    organization: "local",
    expires_at: formatRfc3339(nowMs + yearMs),
    max_workflows: 3,
    max_plugins: 5,
    features: [],
  };
}
