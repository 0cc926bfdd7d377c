import { type Billed, PRICES } from './prices.ts';

/** How much was used of what is billed. */
export class Usage {
  readonly #amounts = new Map<Billed, number>();

  add(what: Billed, amount: number): void {
    this.#amounts.set(what, this.of(what) + amount);
  }

  of(what: Billed): number {
    return this.#amounts.get(what) ?? 0;
  }

  /** What came since an earlier copy. */
  since(earlier: Usage): Usage {
    const difference = new Usage();
    for (const [what, amount] of this.#amounts) difference.add(what, amount - earlier.of(what));
    return difference;
  }

  copy(): Usage {
    return this.since(new Usage());
  }

  plus(other: Usage): Usage {
    const sum = this.copy();
    for (const [what, amount] of other.#amounts) sum.add(what, amount);
    return sum;
  }

  minus(other: Usage): Usage {
    return this.since(other);
  }

  times(factor: number): Usage {
    const product = new Usage();
    for (const [what, amount] of this.#amounts) product.add(what, amount * factor);
    return product;
  }

  /** Of a difference of two runs: what cannot be less than nothing and seems so, by the processor time's noise, is nothing. */
  atLeastNothing(): Usage {
    const floored = new Usage();
    for (const [what, amount] of this.#amounts) floored.add(what, Math.max(0, amount));
    return floored;
  }

  only(what: Billed): Usage {
    const part = new Usage();
    part.add(what, this.of(what));
    return part;
  }

  without(what: Billed): Usage {
    return this.minus(this.only(what));
  }

  get dollars(): number {
    return this.lines().reduce((sum, { dollars }) => sum + dollars, 0);
  }

  /** Each kind with its amount and its dollars, the dearest first. */
  lines(): { readonly what: Billed; readonly amount: number; readonly dollars: number }[] {
    return [...this.#amounts]
      .map(([what, amount]) => ({ what, amount, dollars: amount * PRICES[what] }))
      .sort((a, b) => b.dollars - a.dollars);
  }
}
