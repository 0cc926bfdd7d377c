import { describe, expect, it } from 'vitest';
import {
  type Delivery,
  decide,
  delivered,
  deliveredManually,
  failedAttempt,
  held,
  reopened,
  resendingOf,
  waitingForTurn,
} from '../../../shared/deliveries/delivery.ts';
import { attemptsInWindow, chargedWithout, windowStart, windowStartOfHeld } from '../../../shared/deliveries/window.ts';
import { newId } from '../../../shared/ids.ts';

/** Of an event at the instant 1. */
const head = { event: newId('evt', false, 1), event_type: 'customer.created', destination: 'ed_1' };
const attempt = (number: number, outcome: 'succeeded' | 'failed') => ({ number, at: number, outcome, duration_ms: 5 });
const pending = (next: number): Delivery => ({ ...head, status: 'pending', next, updated: 0 });

describe('what a message for an attempt asks for', () => {
  it.each([
    ['the first attempt of a delivery without a record', 1, undefined, 'attempt'],
    ['nothing, when a later attempt has no record', 2, undefined, 'acknowledge'],
    ['the attempt that is next', 3, pending(3), 'attempt'],
    ['what follows the record, when its attempt is recorded already', 2, pending(3), 'follow'],
    ['nothing, when it is older than that', 1, pending(3), 'acknowledge'],
    ['nothing, when it is ahead of the record', 4, pending(3), 'acknowledge'],
    ['nothing, when the delivery has ended', 1, { ...pending(1), status: 'delivered' }, 'acknowledge'],
    ['nothing, when the delivery was canceled', 2, { ...pending(1), status: 'canceled' }, 'acknowledge'],
    ['a manual attempt, whatever there is', 'manual', undefined, 'attempt'],
    ['a manual attempt, also when the delivery has ended', 'manual', { ...pending(1), status: 'failed' }, 'attempt'],
  ] as const)('%s', (_name, number, delivery, expected) => {
    expect(decide(number, delivery)).toBe(expected);
  });
});

describe('a delivery', () => {
  it('keeps its first and its last attempt', () => {
    const first = failedAttempt(head, undefined, attempt(1, 'failed'), { due: 100 });
    const second = failedAttempt(head, first, attempt(2, 'failed'), { due: 200 });
    const third = delivered(head, second, attempt(3, 'succeeded'));
    expect(third).toMatchObject({ status: 'delivered', first_attempt: { number: 1 }, last_attempt: { number: 3 } });
    expect(third).not.toHaveProperty('due');
  });

  it('is delivered by a manual attempt, and its automatic ones stay as they were', () => {
    const waiting = failedAttempt(head, undefined, attempt(1, 'failed'), { due: 100 });
    const after = deliveredManually(head, waiting, 60);
    expect(after).toMatchObject({ status: 'delivered', next: 2, last_attempt: { number: 1, outcome: 'failed' } });
    expect(after).not.toHaveProperty('due');
    expect(deliveredManually(head, undefined, 60)).toMatchObject({ status: 'delivered', next: 1 });
  });

  it('is failed when there is no next attempt', () => {
    expect(failedAttempt(head, pending(4), attempt(4, 'failed'), 'over')).toMatchObject({
      status: 'failed',
      reason: 'retries_exhausted',
    });
  });

  it('keeps the number of its next attempt while it is held, and has no due time', () => {
    const waiting = failedAttempt(head, undefined, attempt(1, 'failed'), { due: 100 });
    const holding = held(head, waiting, 'source_pending', 50);
    expect(holding).toMatchObject({ status: 'pending', next: 2, held_by: 'source_pending' });
    expect(holding).not.toHaveProperty('due');
  });

  it('is held after a failed attempt while the breaker is open, without a due time', () => {
    const after = failedAttempt(head, undefined, attempt(1, 'failed'), { held_by: 'circuit_breaker' });
    expect(after).toMatchObject({ status: 'pending', next: 2, held_by: 'circuit_breaker' });
    expect(after).not.toHaveProperty('due');
  });

  it.each([
    ['source_pending', 140],
    ['paused', 140],
    ['circuit_breaker', 10],
  ] as const)('begins its window anew by the time that it was held by %s', (heldBy, expected) => {
    const first = failedAttempt(head, undefined, { ...attempt(1, 'failed'), at: 10 }, { due: 20 });
    const holding = held(head, first, heldBy, 70);
    expect(windowStart(holding, 200)).toBe(expected);
    const second = failedAttempt(head, holding, { ...attempt(2, 'failed'), at: 200 }, { due: 300 });
    expect(windowStart(second, 300)).toBe(expected);
  });

  it('begins its window with its first attempt, however long it was held before', () => {
    const holding = held(head, undefined, 'source_pending', 50);
    expect(windowStart(holding, 200)).toBe(200);
    const first = failedAttempt(head, holding, { ...attempt(1, 'failed'), at: 200 }, { due: 300 });
    expect(windowStart(first, 900)).toBe(200);
  });
});

describe('a delivery that was never attempted', () => {
  it.each([
    ['on its way for long', undefined],
    ['waiting for its turn', waitingForTurn(head, undefined, 60, 30)],
    ['waiting for its turn, and given back then', waitingForTurn(head, undefined, 40, 30)],
    ['held by its source', held(head, undefined, 'source_pending', 20)],
    ['paused, and waiting for its turn', waitingForTurn(head, held(head, undefined, 'paused', 20), 60, 50)],
  ])('is charged for nothing but what the breaker holds it: it was %s', (_was, before) => {
    const holding = held(head, before, 'circuit_breaker', 70);
    expect(windowStartOfHeld(holding, 70)).toBe(70);
    expect(windowStartOfHeld(holding, 200)).toBe(70);
    const paused = held(head, holding, 'paused', 100);
    const again = held(head, paused, 'circuit_breaker', 180);
    expect(windowStartOfHeld(again, 200)).toBe(150);
  });

  it('has no attempt charged for what was before it', () => {
    const waiting = waitingForTurn(head, held(head, undefined, 'circuit_breaker', 70), 300, 200);
    const first = failedAttempt(head, waiting, { ...attempt(1, 'failed'), at: 310 }, { due: 400 });
    expect(first).not.toHaveProperty('excluded_ms');
    expect(windowStart(first, 400)).toBe(310);
  });
});

describe('an operator’s pause', () => {
  it('is not charged to what the breaker had held before', () => {
    const pauses = [{ from: 50, until: 90 }];
    const holding = held(head, undefined, 'circuit_breaker', 20);
    expect(windowStartOfHeld(chargedWithout(pauses, holding, 100), 100)).toBe(60);
    const later = held(head, undefined, 'circuit_breaker', 95);
    expect(windowStartOfHeld(chargedWithout(pauses, later, 100), 100)).toBe(95);
    // It has been excluded once.
    const paused = held(head, undefined, 'paused', 20);
    expect(chargedWithout(pauses, paused, 100)).toBe(paused);
  });
});

describe('a delivery that was attempted', () => {
  it('is charged for its back-off, and not for waiting for its turn', () => {
    const first = failedAttempt(head, undefined, { ...attempt(1, 'failed'), at: 10 }, { due: 20 });
    expect(windowStart(first, 500)).toBe(10);
    const waiting = waitingForTurn(head, first, 120, 20);
    expect(windowStart(waiting, 130)).toBe(110);
    expect(windowStart(waitingForTurn(head, waiting, 220, 120), 230)).toBe(210);
  });
});

describe('a bulk resend', () => {
  const failed: Delivery = {
    ...head,
    status: 'failed',
    reason: 'retries_exhausted',
    next: 5,
    first_attempt: attempt(1, 'failed'),
    last_attempt: attempt(4, 'failed'),
    excluded_ms: 7,
    updated: 4,
  };
  const undelivered = ['failed', 'canceled', 'skipped'] as const;
  const again = reopened(failed, 'resend_1', 1500, 1000);

  it('reopens what ended without a delivery, for the attempt that would have been next', () => {
    expect(again).toMatchObject({ status: 'pending', next: 5, due: 1500, first_attempt: { number: 1 } });
    expect(again).not.toHaveProperty('reason');
    expect(decide(5, again)).toBe('attempt');
    expect(decide(4, again)).toBe('follow');
  });

  it('begins a new retry window and a new back-off, which later records keep', () => {
    expect(windowStart(again, 9000)).toBe(1000);
    expect(attemptsInWindow(again, 5)).toBe(1);
    const later = failedAttempt(head, again, attempt(5, 'failed'), { due: 2000 });
    const waiting = held(head, later, 'circuit_breaker', 3000);
    expect(attemptsInWindow(waiting, 6)).toBe(2);
    expect(windowStartOfHeld(waiting, 9000)).toBe(1000);
    expect(attemptsInWindow(failed, 4)).toBe(4);
  });

  it.each([
    ['reopen', failed],
    ['reopen', { ...failed, status: 'skipped' }],
    ['leave', pending(2)],
    ['leave', { ...failed, status: 'delivered' }],
    ['send_again', again],
    ['send_again', held(head, again, 'source_pending', 1)],
    ['done', failedAttempt(head, again, attempt(5, 'failed'), { due: 2000 })],
    ['done', failedAttempt(head, again, attempt(5, 'failed'), 'over')],
    ['done', delivered(head, again, attempt(5, 'succeeded'))],
  ] as const)('decides to %s', (expected, delivery) => {
    expect(resendingOf(delivery, 'resend_1', undelivered)).toBe(expected);
  });

  it('reopens again what another resend reopened in vain, and never what is delivered', () => {
    const over = failedAttempt(head, again, attempt(5, 'failed'), 'over');
    expect(resendingOf(over, 'resend_2', undelivered)).toBe('reopen');
    expect(resendingOf({ ...failed, status: 'delivered' }, 'resend_2', [...undelivered, 'delivered'])).toBe(
      'send_copy',
    );
  });
});
