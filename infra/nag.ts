import { type App, Validations } from 'aws-cdk-lib';

/**
 * Has every synthesis checked by cdk-nag: one that finds what nobody acknowledged fails. What is acknowledged, and why,
 * stands beside the construct that it concerns (`Validations.of(…).acknowledge`).
 */
export async function checkWithNag(app: App): Promise<void> {
  // Half a second to load.
  const { AwsSolutionsChecks, ServerlessChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
