/** An export that is none, or that was made to harm whoever reads it. It is not read further. */
export class MalformedExport extends Error {
  override readonly name = "MalformedExport";
  readonly path: string | undefined;

  constructor(why: string, path?: string) {
    super(path === undefined ? why : `${path}: ${why}`);
    this.path = path;
  }
}
