export type Counter = { readonly add: (amount?: number) => void; readonly value: () => number };

/** The plugin's own figures, served at `/metrics` in the Prometheus text format. */
export type Metrics = {
  /** A figure that only grows. The same name gives the same counter. @throws TypeError for a name Prometheus refuses */
  counter(name: string, help: string): Counter;
  render(): string;
};

export function createMetrics(): Metrics {
  const counters = new Map<string, Counter & { readonly help: string }>();
  return {
    counter: (name, help) => {
      if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new TypeError(`not a metric name: ${name}`);
      const counter = counters.get(name) ?? createCounter(help);
      counters.set(name, counter);
      return counter;
    },
    render: () =>
      [...counters]
        .map(([name, { help, value }]) => `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${value()}\n`)
        .join(""),
  };
}

function createCounter(help: string) {
  let count = 0;
  const add = (amount = 1) => {
    count += amount;
  };
  return { help, add, value: () => count };
}
