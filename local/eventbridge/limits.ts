const KB = 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** AWS's quotas and request limits, each in this one place; a test or the cloud may set its own. */
export const DEFAULT_LIMITS = {
  /** "Any event sources that are in a PENDING state for over 7 days are automatically deleted." */
  pendingSourceMs: 7 * DAY_MS,
  partnerEntries: 20,
  /** Onboarding guide: "aggregate size of all events less than 256 kb". Whether PutPartnerEvents got PutEvents' 1 MB is UNVERIFIED. */
  partnerBytes: 256 * KB,
  entries: 10,
  /** 1 MB a request since 2026-01-29. */
  bytes: 1024 * KB,
  detailTypeLength: 128,
  /** Custom and partner buses of an account in a Region; `default` does not count. */
  buses: 100,
  rulesPerBus: 300,
  targetsPerRule: 5,
  targetsPerCall: 100,
  tagsPerResource: 50,
} as const;

export type Limits = { readonly [name in keyof typeof DEFAULT_LIMITS]: number };
