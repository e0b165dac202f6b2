/** Manifest, handlers or settings with which a plugin does not start; names every fault at once, and no value. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("; "));
    this.faults = faults;
  }
}
