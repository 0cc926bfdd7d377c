import { writeFileSync } from 'node:fs';
import { render } from './licences.ts';

writeFileSync('docs/licences.md', render());
