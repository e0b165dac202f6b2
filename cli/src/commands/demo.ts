export type DemoOptions = { readonly home?: string };

export async function demo(_options: DemoOptions): Promise<void> {
  throw new Error("not written yet");
}
