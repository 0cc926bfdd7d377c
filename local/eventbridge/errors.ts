import { AwsError } from '../aws-error.ts';

export const validation = (message: string) => new AwsError('ValidationException', message);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
export const alreadyExists = (message: string) => new AwsError('ResourceAlreadyExistsException', message);
export const invalidState = (message: string) => new AwsError('InvalidStateException', message);
export const limitExceeded = () =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
export const invalidPattern = (reason: string) =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

export const noSuchBus = (name: string) => notFound(`Event bus ${name} does not exist.`);
export const noSuchSource = (name: string) => notFound(`Event source ${name} does not exist.`);
export const noSuchRule = (name: string, bus: string) => notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
