import { Counter, Gauge, type MetricConfiguration, type Registry } from 'prom-client';

/** One sample of a metric. */
export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

type Read<T> = () => T | null | Promise<T | null>;

/** What is asked for at each scrape, by the name of the service or consumer that it is about. */
export class Sources<T> {
  readonly #reads = new Map<string, Read<T>>();

  /**
   * @param name another one of this name on the node is replaced
   * @param read says null when it is not known now: then there is no sample, rather than a wrong one. Never rejects
   */
  add(name: string, read: Read<T>): void {
    this.#reads.set(name, read);
  }

  async all(): Promise<{ name: string; value: T }[]> {
    const answers = await Promise.all([...this.#reads].map(async ([name, read]) => ({ name, value: await read() })));
    return answers.flatMap(({ name, value }) => (value === null ? [] : { name, value }));
  }
}

export interface ReadMetric<Label extends string, T> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly sources: Sources<T>;
  /** @returns what a source's answer means: no sample where it says nothing */
  readonly toSamples: (value: T, source: string) => readonly Sample<Label>[];
}

/** A gauge whose samples are read when Prometheus asks. */
export function readGauge<Label extends string, T>(registers: [Registry], metric: ReadMetric<Label, T>): void {
  new Gauge<Label>({
    ...configurationOf(registers, metric),
    async collect() {
      const samples = await samplesOf(metric);
      this.reset();
      // Without labels, it would say 0 now.
      if (metric.labelNames.length === 0) this.remove();
      for (const { labels, value } of samples) this.set(labels, value);
    },
  });
}

/** A counter that somebody else counts, read when Prometheus asks. */
export function readCounter<Label extends string, T>(registers: [Registry], metric: ReadMetric<Label, T>): void {
  new Counter<Label>({
    ...configurationOf(registers, metric),
    async collect() {
      const samples = await samplesOf(metric);
      this.reset();
      for (const { labels, value } of samples) this.inc(labels, value);
    },
  });
}

function configurationOf<Label extends string, T>(
  registers: [Registry],
  { name, help, labelNames }: ReadMetric<Label, T>,
): MetricConfiguration<Label> {
  return { name, help, labelNames, registers };
}

async function samplesOf<Label extends string, T>({
  sources,
  toSamples,
}: ReadMetric<Label, T>): Promise<Sample<Label>[]> {
  return (await sources.all()).flatMap(({ name, value }) => toSamples(value, name));
}
