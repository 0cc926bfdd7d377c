import { randomBytes } from 'node:crypto';

/** Random letters and digits, each of the 62 as likely as any other: what base64 has besides them is left out. */
export const randomText = (length: number): string =>
  randomBytes(length * 2)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, length);
