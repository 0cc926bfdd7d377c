import { App, Tags } from 'aws-cdk-lib';
import { readConfig } from './config.ts';
import { builtOrExplained } from './context.ts';
import { checkWithNag } from './nag.ts';
import { ApiStack } from './stacks/api.ts';
import { DeliveryStack } from './stacks/delivery.ts';
import { IngestStack } from './stacks/ingest.ts';
import { LedgerStack } from './stacks/ledger.ts';
import { MonitoringStack } from './stacks/monitoring.ts';
import { RecoveryStack } from './stacks/recovery.ts';
import { RegistryStack } from './stacks/registry.ts';
import { SourcesStack } from './stacks/sources.ts';

/**
 * How an event travels, and which stack has the part:
 *
 *   producer -> Api or Ingest's bus -> Ingest's events queue -> Delivery's dispatch -> Ledger
 *            -> Delivery's deliveries queues -> deliver-eventbridge -> the customer's partner event source
 *                                            -> deliver-webhook     -> the customer's URL
 *
 * Api writes destinations to the Registry; Sources tracks what AWS says of their event sources; Recovery brings back what
 * went wrong for long; Monitoring shows and alarms.
 */
export function buildApp(app = new App()): App {
  const config = readConfig(app.node);
  const name = (part: string) => `event-destinations-${config.stage}-${part}`;

  const { registry, pepper, signingSecretsKey } = new RegistryStack(app, name('registry'), { config });
  const { ledger } = new LedgerStack(app, name('ledger'), { config });
  const ingest = new IngestStack(app, name('ingest'), { config });
  const { eventsQueue } = ingest;
  const delivery = new DeliveryStack(app, name('delivery'), {
    config,
    registry,
    ledger,
    eventsQueue,
    signingSecretsKey,
  });
  const { releasesQueue, sourceChecksQueue: checksQueue, deliveriesQueues } = delivery;
  new RecoveryStack(app, name('recovery'), {
    config,
    registry,
    ledger,
    retry: delivery.retry,
    deliveriesQueues,
    releasesQueue,
    returningQueues: [...ingest.returningQueues, ...delivery.returningQueues],
  });
  new SourcesStack(app, name('sources'), { config, registry, eventsQueue, releasesQueue, checksQueue });
  const api = new ApiStack(app, name('api'), {
    config,
    registry,
    ledger,
    pepper,
    signingSecretsKey,
    eventsQueue,
    releasesQueue,
    deliveriesQueues,
  });

  // The last: it looks at everything that is there.
  new MonitoringStack(app, name('monitoring'), { config, app, api });

  // Not every validator knows yet that dashboards can have tags.
  const to = { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] };
  Tags.of(app).add('service', 'event-destinations', to);
  Tags.of(app).add('stage', config.stage, to);
  return app;
}

if (import.meta.main) {
  const app = builtOrExplained(buildApp);
  // The embedded cloud boots what nobody deploys: there the seconds that nag takes are saved.
  if (app.node.tryGetContext('nag') !== 'off') await checkWithNag(app);
  app.synth();
}
