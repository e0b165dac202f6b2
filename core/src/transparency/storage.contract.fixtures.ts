import { expect, it } from "vitest";
import type { LogStorage } from "./log-storage.ts";

const bytes = (text: string) => Buffer.from(text);
const text = (read: Uint8Array | undefined) => read && Buffer.from(read).toString();

/** What every storage of the log must do; `open` gives the same one again, as another process would see it. */
export function holdsStorageContract(open: () => LogStorage): void {
  it("reads what was put, whoever asks, and nothing where nothing lies", async () => {
    await open().putOnce("tile/0/x001/234.p/7", bytes("hashes"));
    expect(text(await open().read("tile/0/x001/234.p/7"))).toBe("hashes");
    expect(await open().read("tile/0/x001/234")).toBeUndefined();
    expect(await open().read("tile/0/x001/234.p/8")).toBeUndefined();
  });

  it("takes the same bytes again, and refuses others", async () => {
    await open().putOnce("tile/1/000", bytes("right"));
    await open().putOnce("tile/1/000", bytes("right"));
    await expect(open().putOnce("tile/1/000", bytes("wrong"))).rejects.toMatchObject({ code: "log_inconsistent" });
    expect(text(await open().read("tile/1/000"))).toBe("right");
  });

  it("lets one of two win who put different bytes at once", async () => {
    const ends = await Promise.allSettled([0, 1].map((one) => open().putOnce("tile/2/000", bytes(`from ${one}`))));
    const won = ends.findIndex(({ status }) => status === "fulfilled");
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(text(await open().read("tile/2/000"))).toBe(`from ${won}`);
  });

  it("replaces the checkpoint", async () => {
    for (const size of ["1", "2"]) await open().replace("checkpoint", bytes(size));
    expect(text(await open().read("checkpoint"))).toBe("2");
  });

  it("removes what is there, and does not mind what is not", async () => {
    await open().putOnce("tile/4/000.p/1", bytes("one"));
    await open().putOnce("tile/4/000.p/2", bytes("two"));
    for (const width of [1, 1, 3]) await open().remove(`tile/4/000.p/${width}`);
    expect(await open().read("tile/4/000.p/1")).toBeUndefined();
    expect(text(await open().read("tile/4/000.p/2"))).toBe("two");
    await open().remove("tile/4/000.p/2");
    await open().putOnce("tile/4/000.p/2", bytes("again"));
    expect(text(await open().read("tile/4/000.p/2"))).toBe("again");
  });

  it("keeps a full tile beside its partial ones, of binary content", async () => {
    const hashes = Buffer.from(Array.from({ length: 8192 }, (_, at) => at % 256));
    await open().putOnce("tile/3/000.p/1", hashes.subarray(0, 32));
    await open().putOnce("tile/3/000", hashes);
    expect(Buffer.from((await open().read("tile/3/000")) ?? [])).toEqual(hashes);
  });
}
