import { admission } from '../deliveries/admission.ts';
import { DRAIN, nextRate } from '../deliveries/drain.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { findStanding, type Standing } from '../health/standing.ts';
import type { ShardHistory } from '../shards.ts';
import { MINUTE } from '../time.ts';
import { type Chunk, chunksOf, findWanted, type Pace, plannedChunk, sendWanted } from './chunk.ts';
import { addresseeOf, BEFORE_FIRST, type Resend } from './resend.ts';
import { handOn, handOnAgain, type Step } from './steps.ts';
import { changeResend, findResend } from './store.ts';

/** A step works for so long, then hands on: deliveries that are not to be sent cost time, too. */
const BUDGET = 8 * MINUTE;
/** While the destination holds it is looked at again after so many seconds. */
const LOOK_AGAIN = 300;

/** Works on a step of a bulk resend; see the order of writes in resend.ts. Returns how many deliveries it sent. */
export async function workOnResend(message: Step): Promise<number> {
  const resend = await findResend(message);
  // Its writer died before it wrote the record.
  if (!resend) return 0;
  if (message.step < resend.step) {
    await handOnAgain(resend, message.step);
    return 0;
  }
  const standing = await findStanding(addresseeOf(resend));
  const shards = await findDeliveryShards(addresseeOf(resend), standing.destination);
  if (resend.status !== 'in_progress') return sendLeft(resend, shards);
  const admitted = admission(standing);
  if ('cancel' in admitted) {
    const left = await sendLeft(resend, shards);
    await end(resend, { status: 'canceled', reason: admitted.cancel });
    return left;
  }
  if ('hold' in admitted) {
    // What comes after it begins anew.
    await handOn(resend, BEFORE_FIRST, LOOK_AGAIN);
    return 0;
  }
  return goThrough(resend, shards, rateOf(resend, standing));
}

/** Of this step: what went out in the minute before it has shown how much the receiver takes. */
const rateOf = ({ rate }: Resend, { health }: Standing): number =>
  Math.max(DRAIN.first, nextRate(rate, health, Date.now() - MINUTE));

/** A minute's worth from the cursor on. */
async function goThrough(found: Resend, shards: ShardHistory, rate: number): Promise<number> {
  const startedAt = Date.now();
  let resend = found;
  const sentNow = () => resend.sent - found.sent;
  for await (const chunk of chunksOf(found, shards)) {
    const after = await resendChunk(resend, chunk, { rate, before: sentNow() });
    // Another copy of the message is ahead of this one.
    if (!after) return sentNow();
    resend = after;
    // Canceled meanwhile.
    if (resend.status !== 'in_progress') return sentNow();
    if (sentNow() < rate * DRAIN.minute && Date.now() - startedAt < BUDGET) continue;
    await handOn(resend, rate, DRAIN.minute);
    return sentNow();
  }
  await end(resend, { status: 'completed' });
  return sentNow();
}

/** The plan, the deliveries, the cursor: in this order. The resend after it; undefined when another copy was faster. */
async function resendChunk(resend: Resend, chunk: Chunk, pace: Pace): Promise<Resend | undefined> {
  const { cursor, matched, sent } = resend;
  const wanted = await findWanted(resend, chunk);
  const planned = chunk.again ? resend.planned : wanted.length;
  const plan = { planned_end: chunk.end, planned };
  if (wanted.length > 0 && !chunk.again && !(await changeResend(resend, { set: plan, where: { cursor } })))
    return undefined;
  const went = await sendWanted(resend, wanted, pace);
  // Of what an earlier try planned, what has gone from the index since was sent: it is delivered.
  const counted = chunk.again ? planned : went;
  const set = { ...plan, cursor: chunk.end, matched: matched + planned, sent: sent + counted, updated: Date.now() };
  return changeResend(resend, { set, where: { cursor } });
}

/** What it reopened last, if it ended before it could send it. */
async function sendLeft(resend: Resend, shards: ShardHistory): Promise<number> {
  const chunk = await plannedChunk(resend, shards);
  if (!chunk) return 0;
  const left = (await findWanted(resend, chunk)).filter(({ what }) => what === 'send_again');
  return sendWanted(resend, left, { rate: DRAIN.first, before: 0 });
}

async function end(resend: Resend, as: Pick<Resend, 'status' | 'reason'>): Promise<void> {
  await changeResend(resend, { set: { ...as, updated: Date.now() }, where: { status: 'in_progress' } });
}
