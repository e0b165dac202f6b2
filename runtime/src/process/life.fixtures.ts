import { runProcess } from "./run-process.ts";

/** A process for the tests of `runProcess`; its argument says how its start goes. */
const starts: Readonly<Record<string, (stack: AsyncDisposableStack) => Promise<void>>> = {
  ready: async (stack) => {
    stack.defer(() => void process.stdout.write("disposed\n"));
    process.stdout.write("started\n");
    setInterval(() => undefined, 1000);
  },
  waiting: async (stack) => {
    stack.defer(() => void process.stdout.write("disposed\n"));
    process.stdout.write("started\n");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  failing: async (stack) => {
    stack.defer(() => void process.stdout.write("disposed\n"));
    throw new Error("cannot start");
  },
  breaking: async () => {
    setTimeout(() => {
      throw new Error("unforeseen");
    }, 10);
  },
};

const start = starts[process.argv[2] ?? ""];
if (start !== undefined) await runProcess("test", start);
