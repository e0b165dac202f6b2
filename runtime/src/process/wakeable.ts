/** Something that can be waited for, once at a time. A wake that comes while nobody waits ends the next wait at once. */
export class Wakeable {
  #woken = false;
  #resolve: (woken: boolean) => void = () => {};

  wake(): void {
    this.#woken = true;
    this.#resolve(true);
  }

  /** Whether it was woken within that time. */
  async within(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#resolve = resolve;
    if (this.#woken) resolve(true);
    const timer = setTimeout(() => resolve(false), ms);
    const woken = await promise;
    clearTimeout(timer);
    this.#woken = false;
    return woken;
  }
}
