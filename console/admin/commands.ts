import { accountCommands } from './accounts.ts';
import { deliveryCommands } from './deliveries.ts';
import { destinationCommands } from './destinations.ts';
import { letterCommands } from './letters.ts';
import { type Commands, pepperOf, rateLimitsFrom } from './options.ts';
import { seed } from './seed.ts';

export const usage = `Usage: npm run admin -- <command> [--stage dev] [--json]

  accounts create [acct_id] [--name text] [--requests n] [--events n]
                                                    make an account, in test and live mode
  accounts list [--mode test|live]                  list all accounts
  accounts show <acct_id> [--mode test|live]        show an account
  accounts limit <acct_id> [--mode test|live] [--requests n] [--events n]
                                                    how many requests and published events a second are taken from it;
                                                    what is left out is as the deployment has it for all
  accounts spread <acct_id> [--mode test|live] --shards n
                                                    spread the events of each day from tomorrow on over n partitions, of
                                                    which each takes 1,000 writes a second
  accounts connect <acct_id> --platform <acct_id>   connect an account to a platform
  accounts erase <acct_id> [--confirm <acct_id>]    count everything that is kept of an account, or erase it for good
  keys create --account <acct_id> [--mode test|live] [--publish [--any-account]]
                                                    issue a key; it is shown this once
  keys list --account <acct_id> [--mode test|live]  list keys, without their secrets
  keys revoke <mk_id> --account <acct_id> [--mode test|live]
  destinations list --account <acct_id> [--mode test|live]
  destinations show <ed_id> --account <acct_id> [--mode test|live]
                                                    show whether it is paused, limited, slow, and its circuit breaker
  rejected list [--days 1] [--until 2026-11-21]     events that a door took and dispatch could not accept
  deliveries pause|resume --all | --region <region> | --destination <ed_id> --account <acct_id> [--mode test|live]
                                                    hold deliveries, and let them go again; nothing is lost,
                                                    and what ended with an error can be run again
  deliveries paused                                 what is paused globally and by Region
  deliveries limit --destination <ed_id> --account <acct_id> [--mode test|live] --per-second <number> | --unlimited
                                                    limit the deliveries to a destination; what is over it waits
  deliveries spread --destination <ed_id> --account <acct_id> [--mode test|live] --shards n
                                                    the same for the deliveries to a destination
  dead-letters list                                 messages that were returned ten times and failed each time
  dead-letters redrive [<id>]                       send them, or one of them, to their queues once more

A key that may publish is a restricted key (rk_...); it also reads events. With --any-account it does so for every
account: give it to nobody but the platform's own services.
--json prints the answer in one line.
Against AWS: your credentials and Region. Against the embedded cloud: source .local/env, with
AWS_ACCESS_KEY_ID=000000000000, the service's own account.`;

/** The commands that take a word more; to any other it would be a mistake that changes what is meant. */
export const takesArgument: ReadonlySet<string> = new Set([
  'accounts create',
  'accounts show',
  'accounts limit',
  'accounts spread',
  'accounts connect',
  'accounts erase',
  'keys revoke',
  'destinations show',
  'dead-letters redrive',
]);

export const commands: Commands = {
  ...accountCommands,
  ...deliveryCommands,
  ...destinationCommands,
  ...letterCommands,
  seed: async (options) => seed(await pepperOf(options.stage), rateLimitsFrom(options)),
};
