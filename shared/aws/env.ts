/** Reads a setting that the CDK app puts into the function's environment. Throws when it is missing: a deploy fault. */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set`);
  return value;
}
