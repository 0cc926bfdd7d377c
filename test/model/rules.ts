import type { Edit } from './hooks.ts';

/** A rule of the order in which the product writes, the product without it, and the instance that shows what comes of it. */
export interface Rule {
  readonly name: string;
  readonly instance: string;
  /** What is violated then. */
  readonly violates: RegExp;
  readonly without: readonly Edit[];
}

const STUCK = /Nothing brings back|never ends|for ever/;

export const RULES: readonly Rule[] = [
  {
    name: 'a delivery is written on condition of what was read',
    instance: 'retries',
    violates: /not delivered any more|was made \d times/,
    without: [
      {
        file: 'shared/deliveries/store.ts',
        from: 'return ledger().put(toItem(key, after), condition);',
        to: 'return ledger().put(toItem(key, after), condition && undefined);',
      },
    ],
  },
  {
    name: 'a copy of a message does again what follows the record',
    instance: 'retries',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/delivery.ts',
        from: "return delivery.next === attempt + 1 ? 'follow' : 'acknowledge';",
        to: "return 'acknowledge';",
      },
    ],
  },
  {
    name: 'whoever comes again reads the delivery before an attempt',
    instance: 'retries',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/job.ts',
        from: 'message.again === true || received.seenBefore;',
        to: 'message.again === undefined && received.seenBefore;',
      },
    ],
  },
  {
    name: 'a message whose wake-up could not be started comes again',
    instance: 'throttled-starts',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/bring-back.ts',
        from: 'await ensureWakeUp({ ...destinationOf(message), type: course.type }, due);',
        to: 'await ensureWakeUp({ ...destinationOf(message), type: course.type }, due).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'a wake-up is marked as started after its start is confirmed',
    instance: 'throttled-starts',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/slot.ts',
        from: '  await startRetry(name, input);\n  await ledger().put({ ...marker, ttl: unixSeconds(slot + DAY) });',
        to: '  await ledger().put({ ...marker, ttl: unixSeconds(slot + DAY) });\n  await startRetry(name, input);',
      },
    ],
  },
  {
    name: 'the execution of a slot has the name of the slot and no other',
    instance: 'throttled-starts',
    violates: /executions/,
    without: [
      {
        file: 'shared/deliveries/slot.ts',
        from: 'await startRetry(name, input);',
        to: "await startRetry([name, Date.now()].join('-'), input);",
      },
    ],
  },
  {
    name: 'the wake-up of the first probe is started before the breaker is written open',
    instance: 'breaker',
    violates: STUCK,
    without: [
      {
        file: 'shared/health/observe.ts',
        from: '  if (probe_at !== undefined && probe_at !== before.probe_at) await ensureWakeUp(destination, probe_at);\n',
        to: '',
      },
      {
        file: 'shared/health/observe.ts',
        from: '  if (recorded && releases) await requestRelease(destination);',
        to: `  if (recorded && opens && probe_at !== undefined) await ensureWakeUp(destination, probe_at);
  if (recorded && releases) await requestRelease(destination);`,
      },
    ],
  },
  {
    name: 'the wake-up of the next probe is started before the probe time moves on',
    instance: 'breaker',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/wake-up.ts',
        from: '  if (probe_at !== undefined) await ensureWakeUp(destination, probe_at);\n',
        to: '',
      },
      {
        file: 'shared/deliveries/wake-up.ts',
        from: '  await moveOn(destination, { health, slot, nextRound });\n',
        to: `  await moveOn(destination, { health, slot, nextRound });
  if (probe_at !== undefined) await ensureWakeUp(destination, probe_at);\n`,
      },
    ],
  },
  {
    name: 'a release is announced before the state is written',
    instance: 'activation',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/release-message.ts',
        from: '  requestReleaseIn(delaySeconds, of);',
        to: '  Promise.resolve(void delaySeconds ?? void of);',
      },
    ],
  },
  {
    name: 'what is held anew has a held item of its own',
    instance: 'breaker',
    violates: STUCK,
    without: [{ file: 'shared/deliveries/held.ts', from: 'const token = randomUUID();', to: "const token = '';" }],
  },
  {
    name: 'what cannot be held comes again, all of it',
    instance: 'batches-held',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/deliver.ts',
        from: 'for (const { job } of of) giveBack(job, error);',
        to: 'for (const { job } of of.slice(0, 1)) giveBack(job, error);',
      },
    ],
  },
  {
    name: 'what is released is sent before it is taken away',
    instance: 'activation',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/stagger.ts',
        from: '  const failed = await sendMessages(queueUrl, messages);\n',
        to: '  await Promise.all(chunk.map((one) => one.done()));\n  const failed = await sendMessages(queueUrl, messages);\n',
      },
    ],
  },
  {
    name: 'who holds a delivery reads its destination again',
    instance: 'pause',
    violates: /nobody sends it soon/,
    without: [
      {
        file: 'shared/deliveries/hold.ts',
        from: 'if (!isHeldBy(standing, item)) await releaseItem(item, queueUrl);',
        to: 'if (!isHeldBy(standing, item) && item.messages.length === 0) await releaseItem(item, queueUrl);',
      },
    ],
  },
  {
    name: 'a success overwrites an end that was written since its attempt began',
    instance: 'canceled-by-a-copy',
    violates: /The ledger does not say/,
    without: [
      {
        file: 'shared/deliveries/settle.ts',
        from: "before !== undefined && before.status !== 'delivered';",
        to: "before?.status === 'pending';",
      },
    ],
  },
  {
    name: 'what was put since the last confirmation returns when the source falls back',
    instance: 'fallback',
    violates: STUCK,
    without: [
      {
        file: 'shared/sources/check.ts',
        from: '  if (returnIsDue(destination.source, source, now)) await announceFallback(destination);\n',
        to: '  if (returnIsDue(destination.source, source, now) && !source.fallback) await announceFallback(destination);\n',
      },
    ],
  },
  {
    name: 'a success counts although a copy of its attempt failed',
    instance: 'canceled-by-a-copy',
    violates: /The ledger does not say/,
    without: [
      {
        file: 'shared/deliveries/settle.ts',
        from: "before !== undefined && before.status !== 'delivered';",
        to: "before !== undefined && before.status !== 'delivered' && before.status !== 'pending';",
      },
    ],
  },
  {
    name: 'a source that is gone releases what the breaker held',
    instance: 'source-gone',
    violates: STUCK,
    without: [
      {
        file: 'shared/sources/consequences.ts',
        from: 'releases: gone || (',
        to: 'releases: (',
      },
    ],
  },
  {
    name: 'what is delivered again after a fallback is not returned by a second message',
    instance: 'returned-twice',
    violates: /not delivered any more/,
    without: [
      {
        file: 'shared/deliveries/fallback.ts',
        from: 'returnedFrom(delivery, delivery.updated < range.until, Date.now());',
        to: 'returnedFrom(delivery, true, Date.now());',
      },
    ],
  },
  {
    name: 'a resumption is announced before it is written',
    instance: 'pause',
    violates: STUCK,
    without: [
      {
        file: 'shared/health/operator-switch.ts',
        from: '  await inGroups(known, (destination) => announceRelease(destination, MAX_DELAY_SECONDS));\n',
        to: '  void announceRelease.name;\n',
      },
    ],
  },
  {
    name: 'a bulk resend that begins again sends again what it reopened',
    instance: 'bulk-resend',
    violates: STUCK,
    without: [
      {
        file: 'shared/resends/chunk.ts',
        from: "    case 'send_again':\n      return messageOfRecord(delivery, of);",
        to: "    case 'send_again':\n      return undefined;",
      },
    ],
  },
  {
    name: 'a step of a drain is taken on condition of what was read',
    instance: 'two-releases',
    violates: /at once/,
    without: [
      {
        file: 'shared/deliveries/drain.ts',
        from: 'return ledger().put({ ...keyOf(destination), ...step, ttl: unixSeconds(step.until + DAY) }, condition);',
        to: 'return ledger().put({ ...keyOf(destination), ...step, ttl: 1 }, condition && undefined);',
      },
    ],
  },
  {
    name: 'the drain is read before what is held is listed',
    instance: 'two-releases',
    violates: /at once/,
    without: [
      {
        file: 'shared/deliveries/release.ts',
        from: '  if (!(await takeStep(of.id, drain, step))) return comeAgain(of, SECOND);',
        to: '  if (!(await takeStep(of.id, await findDrain(of.id), step))) return comeAgain(of, SECOND);',
      },
    ],
  },
  {
    name: 'a release comes again for what its step leaves',
    instance: 'drain-and-crash',
    violates: /nobody sends it soon/,
    without: [
      {
        file: 'shared/deliveries/release.ts',
        from: '  if (more) await comeAgain(of, step.until - at);\n',
        to: '',
      },
    ],
  },
  {
    name: 'a step of a return asks for the next',
    instance: 'fallback-in-steps',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/fallback.ts',
        from: '  if (stoppedAt) return sendReturn({ ...of, done: { until, ...stoppedAt } }, 0);\n',
        to: '  if (stoppedAt) return;\n',
      },
    ],
  },
  {
    name: 'a fallback is over when its last step is done',
    instance: 'fallback-in-steps',
    violates: /It is not true/,
    without: [
      {
        file: 'shared/deliveries/fallback.ts',
        from: '  if (stoppedAt) return sendReturn({ ...of, done: { until, ...stoppedAt } }, 0);\n',
        to: '',
      },
    ],
  },
  {
    name: 'what waits for its turn, or for AWS, is brought back then',
    instance: 'rate-limit',
    violates: STUCK,
    without: [
      {
        file: 'shared/deliveries/settle.ts',
        from: '  await bringBack(message, due, course);\n  return settled;',
        to: '  return settled;',
      },
    ],
  },
];
