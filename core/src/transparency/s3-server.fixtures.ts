import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Secret } from "@vivified/runtime";
import { request } from "undici";
import { startProgram, until } from "../process.fixtures.ts";
import type { S3Settings } from "./log-storage.s3.ts";

/** A real S3 server (versitygw) with one bucket, in a directory of its own. */
export type TestS3 = AsyncDisposable & { readonly settings: S3Settings };

export async function startS3(): Promise<TestS3> {
  await using stack = new AsyncDisposableStack();
  const server = process.env.VIVIFIED_VERSITYGW;
  if (server === undefined) throw new Error("VIVIFIED_VERSITYGW is not set: run tests with npm test");
  const directory = await mkdtemp(join(tmpdir(), "vivified-s3-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const [data, metadata] = [join(directory, "data"), join(directory, "metadata")];
  await mkdir(join(data, "audit"), { recursive: true });
  await mkdir(metadata);
  const port = await freePort();
  const [accessKeyId, secretAccessKey] = ["test-access", "test-secret"];
  const args = ["--port", `127.0.0.1:${port}`, "--access", accessKeyId, "--secret", secretAccessKey, "--quiet"];
  const program = stack.use(startProgram(server, [...args, "posix", "--sidecar", metadata, data]));
  const url = `http://127.0.0.1:${port}/audit/log`;
  await until(async () => {
    if (program.ended) throw new Error(program.output);
    return (await request(url)).statusCode === 403;
  });
  const settings = { url, region: "us-east-1", accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const owned = stack.move();
  return { settings, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
