import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ErrorPayload, runtimeError } from './function-error.ts';

export type Handler = (event: unknown, context: object) => unknown;

/** The sandbox cannot start; the invocation that started it is answered with `payload`. */
export class InitError extends Error {
  override readonly name = 'InitError';
  readonly payload: ErrorPayload;
  constructor(payload: ErrorPayload) {
    super(payload.errorMessage);
    this.payload = payload;
  }
}

/** Imports `<codeDir>/<file>` and takes the export that `<file>.<export>` names. What the bundle throws is passed on. */
export async function loadHandler(codeDir: string, handler: string): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  const exportName = handler.slice(dot + 1);
  const module = await importBundle(bundleFile(codeDir, handler.slice(0, dot)));
  const found = Object.entries(module).find(([name]) => name === exportName)?.[1];
  if (!isHandler(found)) {
    throw new InitError(runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`));
  }
  // nodejs24.x dropped callback handlers and goes by the number of parameters, even where the function is async.
  if (found.length >= 3) throw new InitError(callbackHandler);
  return found;
}

const callbackHandler = runtimeError(
  'Runtime.CallbackHandlerDeprecated',
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
    'You need to modify this function to use a supported handler signature to use Node.js 24 or later. ' +
    'For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
);

function bundleFile(codeDir: string, name: string): string {
  const candidates = ['.js', '.mjs', '.cjs'].map((extension) => join(codeDir, name + extension));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new InitError(runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${name}' in ${codeDir}`));
  }
  return file;
}

async function importBundle(file: string): Promise<object> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new InitError(runtimeError('Runtime.UserCodeSyntaxError', String(error), error));
    }
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new InitError(runtimeError('Runtime.ImportModuleError', String(error), error));
    }
    throw error;
  }
}

const isHandler = (value: unknown): value is Handler => typeof value === 'function';
