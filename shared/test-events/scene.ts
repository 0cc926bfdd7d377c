import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { DAY, unixSeconds } from '../time.ts';

/**
 * What the objects of a test event have in common: whose they are, when it is, and their ids. Everything follows from the
 * seed and the time, so that the same event is built again, byte for byte, when its request is repeated; and events of one
 * seed are about the same customer, the same payment, the same subscription.
 */
export interface Scene {
  readonly account: string;
  /** When the event's object was created, and when it happened, unix seconds. */
  readonly created: number;
  readonly now: number;
  /** An id of Stripe's form: the prefix and so many letters and digits. The same prefix is the same object. */
  id(prefix: string, length?: number): string;
}

interface Setting {
  readonly account: string;
  readonly seed: string;
  /** When the event happens, ms. */
  readonly now: number;
  /** How long its object has existed by then, ms. */
  readonly age: number;
}

export const sceneOf = ({ account, seed, now, age }: Setting): Scene => ({
  account,
  created: unixSeconds(now - age),
  now: unixSeconds(now),
  id: (prefix, length = 24) => prefix + letters(`${seed}/${prefix}`).slice(0, length),
});

/** About eighty letters and digits. */
const letters = (text: string): string =>
  createHash('sha512')
    .update(text)
    .digest('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '');

export const ONE_DAY = unixSeconds(DAY);

/** The version that the objects are written in: the one of the types that they are checked against. */
export const API_VERSION: Stripe.LatestApiVersion = '2026-10-28.endive';

/** In cents: a month of the one product that there is. */
export const AMOUNT = 2000;
export const CURRENCY = 'usd';

/**
 * An object of Stripe's as it is written in JSON, where the SDK's Decimals are strings. What is never null is there; of the
 * dozens of fields that would be null, only those that an event is about.
 */
export type Sparse<T> = T extends Stripe.Decimal
  ? string
  : T extends string
    ? T
    : T extends readonly (infer Element)[]
      ? Sparse<Element>[]
      : T extends object
        ? { [Key in keyof T as null extends T[Key] ? never : Key]: Sparse<T[Key]> } & {
            [Key in keyof T]?: Sparse<T[Key]>;
          }
        : T;

export const listOf = <T>(url: string, data: T[]) => ({ object: 'list' as const, data, has_more: false, url });

/** What every object has. */
export const object = <Name extends string>(name: Name, id: string, { created }: Scene) => ({
  id,
  object: name,
  created,
  livemode: false as const,
  metadata: {},
});
