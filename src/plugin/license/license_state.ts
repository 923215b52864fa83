import type { Clock } from "../../time/clock.ts";
import { formatDuration } from "../../time/duration.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import type { License, LicenseVerdict } from "./license_server.ts";

/** What is known of the license, as the status page shows it. */
export interface LicenseStatus extends LicenseVerdict {
  /** RFC 3339: until when the server is not asked again. */
  readonly cached_until: string;
}

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
  /** When the server last said that the license is valid. */
  #confirmedAtMs: number | undefined;

  constructor(options: LicenseStateOptions) {
    this.#options = options;
  }

  get status(): LicenseStatus {
    return { ...this.#verdict, cached_until: formatRfc3339(this.#cachedUntilMs) };
  }

  /**
   * Asks again unless the verdict is still good. When the server cannot be reached, a license that was valid stays so
   * during the grace period; rejects with the reason in any case.
   */
  async validate(signal: AbortSignal): Promise<void> {
    const { ask, clock, cacheTtlMs, gracePeriodMs } = this.#options;
    const now = clock.now();
    if (now < this.#cachedUntilMs) return;
    if (ask === undefined) return this.#keep({ valid: true, license: localLicense(now) }, now + cacheTtlMs);
    try {
      const verdict = await ask(signal);
      this.#confirmedAtMs = verdict.valid ? now : undefined;
      this.#keep(verdict, now + cacheTtlMs);
    } catch (error) {
      const confirmedAt = this.#confirmedAtMs;
      if (!signal.aborted && (confirmedAt === undefined || now >= confirmedAt + gracePeriodMs)) {
        const grace = formatDuration(gracePeriodMs);
        this.#verdict = { valid: false, error: `license server unreachable and grace period of ${grace} expired` };
      }
      throw error;
    }
  }

  #keep(verdict: LicenseVerdict, untilMs: number): void {
    this.#verdict = verdict;
    this.#cachedUntilMs = untilMs;
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
