import type { MethodSetting } from './template.ts';

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/** The stage's throttling: a token bucket for each method, `burst` deep and refilled with `rate` tokens a second. */
export class Throttle {
  readonly #settings: readonly MethodSetting[];
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(settings: readonly MethodSetting[], now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Whether the request may pass; if so it has taken its token. */
  admits(method: string, resourcePath: string): boolean {
    const setting = this.#settingFor(method, resourcePath);
    const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = setting ?? {};
    // -1 is how a setting says "no throttling".
    if (rate === undefined || burst === undefined || rate < 0 || burst < 0) return true;
    const bucket = this.#bucket(`${method} ${resourcePath}`, burst);
    const now = this.#now();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.refilledAt) / 1000) * rate);
    bucket.refilledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #bucket(key: string, burst: number): Bucket {
    const known = this.#buckets.get(key);
    if (known) return known;
    const bucket = { tokens: burst, refilledAt: this.#now() };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** The most specific setting: path and method, then the path, then the stage's default. */
  #settingFor(method: string, resourcePath: string): MethodSetting | undefined {
    const ranked = this.#settings
      .map((setting) => ({ setting, rank: rankOf(setting, method, resourcePath) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank);
    return ranked[0]?.setting;
  }
}

function rankOf(setting: MethodSetting, method: string, resourcePath: string): number {
  const path = settingPath(setting.ResourcePath);
  if (path !== resourcePath && path !== '/*') return 0;
  if (setting.HttpMethod !== method && setting.HttpMethod !== '*') return 0;
  return 1 + (path === resourcePath ? 2 : 0) + (setting.HttpMethod === method ? 1 : 0);
}

/** Settings write the slashes of a path as `~1`, after a leading one: `/~1v2~1events` is `/v2/events`. */
const settingPath = (path: string): string => (path.startsWith('/~1') ? path.slice(1).replaceAll('~1', '/') : path);
