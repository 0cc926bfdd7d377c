/** The one dimension of the functions' own metrics (`service`): two stages in an account are not added up. */
export const metricsService = (stage: string): string => `event-destinations-${stage}`;
