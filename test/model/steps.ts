import type { Edit } from './hooks.ts';

/** What is done in steps of thousands, in steps of one: so that two events need two. */
export const STEPS_OF_ONE: readonly Edit[] = [
  {
    file: 'shared/deliveries/drain.ts',
    from: 'DRAIN = { minute: 60, first: 10, fastest: 100 }',
    to: 'DRAIN = { minute: 60, first: 1 / 60, fastest: 1 / 60 }',
  },
  { file: 'shared/deliveries/fallback.ts', from: 'const CHUNK = 100;', to: 'const CHUNK = 1;' },
  { file: 'shared/deliveries/fallback.ts', from: 'const MOST_IN_STEP = 50_000;', to: 'const MOST_IN_STEP = 1;' },
  { file: 'shared/resends/chunk.ts', from: 'const SIZE = 100;', to: 'const SIZE = 1;' },
];
