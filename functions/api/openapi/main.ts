import { writeFileSync } from 'node:fs';
import { openApiDocument } from './document.ts';

/** `npm run openapi [FILE]`: writes openapi.json to the file, or to stdout. DESTINATION_REGIONS as the API function has it. */
const regions = process.env.DESTINATION_REGIONS?.split(',');
const text = `${JSON.stringify(openApiDocument({ regions }), null, 1)}\n`;
const [file] = process.argv.slice(2);
if (file) writeFileSync(file, text);
else process.stdout.write(text);
