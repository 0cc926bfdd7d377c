import { App } from 'aws-cdk-lib';
import { builtOrExplained } from '../context.ts';
import { checkWithNag } from '../nag.ts';
import { readConsumerConfig } from './config.ts';
import { ConsumerStack } from './consumer-stack.ts';

/**
 * The customer's side as an app of its own:
 *
 *   npx cdk deploy --app 'node infra/consumer/app.ts' -c eventSourceName=aws.partner/example.com/ed_…
 */
export function buildConsumerApp(app = new App()): App {
  const config = readConsumerConfig(app.node);
  const id = config.eventSourceName.split('/').at(-1) ?? '';
  new ConsumerStack(app, `event-destination-${id.replaceAll(/[^A-Za-z0-9]/g, '-')}`, config);
  return app;
}

if (import.meta.main) {
  const app = builtOrExplained(buildConsumerApp);
  await checkWithNag(app);
  app.synth();
}
