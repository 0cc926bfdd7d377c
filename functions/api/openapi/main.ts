import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { brand } from '../../../shared/http/brand.ts';
import { openApiDocument } from './document.ts';

/** `npm run openapi [FILE]`: writes openapi.json to the file, and its ETag beside it; or to stdout. DESTINATION_REGIONS and BRAND as the API function has them. */
const regions = process.env.DESTINATION_REGIONS?.split(',');
// Headers are named after the brand wherever they are spoken of.
const text = `${JSON.stringify(openApiDocument({ regions }), null, 1).replaceAll(/\bStripe-(?=[A-Z])/g, `${brand}-`)}\n`;
const [file] = process.argv.slice(2);
if (file) {
  writeFileSync(file, text);
  writeFileSync(`${file}.etag`, `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`);
} else process.stdout.write(text);
