import { invalidPattern } from '../errors.ts';
import type { Leaf } from '../json.ts';

/**
 * AWS bounds how many partial matches one value can keep alive, by a number it does not publish. Its documented example,
 * `*:*:*:*:*:event-bus/*`, has five wildcards before the same character and is refused; four are taken here. UNVERIFIED.
 */
const MAX_WILDCARDS_BEFORE_ONE_CHARACTER = 4;

/** `*` stands for any run of characters; `\*` and `\\` are the characters themselves. */
export function wildcard(pattern: string): (value: Leaf) => boolean {
  const literals = literalsOf(pattern);
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  return (value) => {
    if (typeof value !== 'string') return false;
    if (last === undefined) return value === first;
    if (!value.startsWith(first) || !value.endsWith(last)) return false;
    let at = first.length;
    for (const literal of rest) {
      const found = value.indexOf(literal, at);
      if (found < 0) return false;
      at = found + literal.length;
    }
    return at <= value.length - last.length;
  };
}

/** The texts between the wildcards: one more than there are wildcards. */
function literalsOf(pattern: string): string[] {
  const literals = [''];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    // AWS counts the position from the quote that opens the string.
    if (character === '*' && next === '*') throw invalidPattern(`Consecutive wildcard characters at pos ${at + 1}`);
    if (character === '*') literals.push('');
    else if (character !== '\\') literals.push(literals.pop() + character);
    else if (next === '*' || next === '\\') {
      literals.push(literals.pop() + next);
      at += 1;
    } else throw invalidPattern(`Invalid escape character at pos ${at + 1}`);
  }
  refuseTooComplex(literals.slice(1));
  return literals;
}

function refuseTooComplex(afterWildcards: readonly string[]): void {
  const first = afterWildcards.map((literal) => literal.charAt(0)).filter((character) => character !== '');
  const alike = [...Map.groupBy(first, (character) => character).values()].map((same) => same.length);
  if (Math.max(0, ...alike) > MAX_WILDCARDS_BEFORE_ONE_CHARACTER)
    throw invalidPattern(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
}
