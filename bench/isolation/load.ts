/** What the machine gave to a part of a run: whether its figures say something of the design, or of the machine. */
export interface Load {
  readonly sentPerSecond: number;
  /** Of the processor, by everything in this process: cloud, functions, receivers. */
  readonly cores: number;
}

/** Measures from one `take` to the next. */
export class LoadMeter {
  #sent = 0;
  #since = performance.now();
  #cpu = process.cpuUsage();

  sent(count: number): void {
    this.#sent += count;
  }

  take(): Load {
    const ms = performance.now() - this.#since;
    const { user, system } = process.cpuUsage(this.#cpu);
    const load = { sentPerSecond: (this.#sent * 1000) / ms, cores: (user + system) / 1000 / ms };
    this.#sent = 0;
    this.#since = performance.now();
    this.#cpu = process.cpuUsage();
    return load;
  }
}
