/** What passed and failed so far. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #red = [];

  add(name, { passed, failed, skipped = 0 }) {
    this.#passed += passed;
    this.#failed += failed;
    this.#skipped += skipped;
    if (failed > 0) this.#red.push(name);
  }

  /** Nothing failed, and something was tried. */
  isGreen() {
    return this.#failed === 0 && this.#passed > 0;
  }

  /** The last words: what is red and what did not run, then exactly one line with the sums. */
  close() {
    console.log("");
    if (this.#red.length > 0) console.log(`red: ${this.#red.join(", ")}`);
    if (this.#skipped > 0) console.log(`did not run (skipped or still to be written): ${this.#skipped}`);
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
  }
}
