import type Stripe from 'stripe';
import { CURRENCY, type Scene, type Sparse } from '../scene.ts';
import { EMAIL } from './customer.ts';

const requirements = (currently_due: string[]) => ({
  alternatives: [],
  currently_due,
  errors: [],
  eventually_due: currently_due,
  past_due: [],
  pending_verification: [],
});

/** The account itself, whole again. */
export const account = (scene: Scene): Sparse<Stripe.Account> => ({
  id: scene.account,
  object: 'account',
  business_type: 'company',
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  country: 'US',
  created: scene.created,
  default_currency: CURRENCY,
  details_submitted: true,
  email: EMAIL,
  future_requirements: requirements([]),
  metadata: {},
  payouts_enabled: true,
  requirements: requirements([]),
  type: 'standard',
});

/** What was due before. */
export const ACCOUNT_BEFORE = { payouts_enabled: false, requirements: requirements(['external_account']) };
