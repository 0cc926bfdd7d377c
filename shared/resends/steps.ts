import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import { sendMessage } from '../aws/queue.ts';
import type { Resend, ResendRef } from './resend.ts';
import { changeResend } from './store.ts';

/** On the releases queue: a step of a bulk resend. */
const StepMessage = z.object({
  v: z.literal(1),
  kind: z.literal('resend'),
  resend: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  step: z.number(),
});

export interface Step extends ResendRef {
  readonly step: number;
}

/** The step that the message asks for, if that is what it asks for. */
export function parseStepMessage(body: string): Step | undefined {
  const { data } = StepMessage.safeParse(JSON.parse(body));
  return data && { id: data.resend, account: data.account, livemode: data.livemode, step: data.step };
}

/** Longer than the API's time-out: it comes after the record was written, or after its writer's death. */
const ANNOUNCED_SECONDS = 30;

export const announceResend = (resend: Resend): Promise<void> => sendStep(resend, 0, ANNOUNCED_SECONDS);
export const requestResend = (resend: Resend): Promise<void> => sendStep(resend, 0);

/** Has the rest done by another message, so many seconds later; `rate` is that of this step. */
export async function handOn(resend: Resend, rate: number, delaySeconds: number): Promise<void> {
  const { step } = resend;
  const set = { step: step + 1, rate, updated: Date.now() };
  const next = await changeResend(resend, { set, where: { step, status: 'in_progress' } });
  // Another copy of this step's message did, or the resend was canceled.
  if (next) await sendNext(next, delaySeconds);
}

/** A step's message came again although the next step has begun: that one's message may be missing. */
export async function handOnAgain(resend: Resend, step: number): Promise<void> {
  if (step === resend.step - 1 && resend.handed_on < resend.step) await sendNext(resend, 0);
}

async function sendNext(resend: Resend, delaySeconds: number): Promise<void> {
  await sendStep(resend, resend.step, delaySeconds);
  await changeResend(resend, { set: { handed_on: resend.step }, where: { step: resend.step } });
}

const sendStep = ({ id, account, livemode, destination }: Resend, step: number, delaySeconds = 0): Promise<void> =>
  sendMessage(env('RELEASES_QUEUE_URL'), {
    body: JSON.stringify({ v: 1, kind: 'resend', resend: id, account, livemode, step } satisfies z.infer<
      typeof StepMessage
    >),
    group: destination,
    ...(delaySeconds > 0 && { delaySeconds }),
  });
