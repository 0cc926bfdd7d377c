import { ensureSynthesized } from '../../local/synth.ts';

/** Before all tests: the templates and bundles that the embedded cloud boots are those of the code as it is. */
export async function setup(): Promise<void> {
  await ensureSynthesized(console.log);
}
