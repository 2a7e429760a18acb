/** Prometheus' text format, by prom-client, with values that are read when somebody asks for them. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Durations } from '../ops/meter.ts';

type Read = () => number;
/** By label; what is not in it is 0. */
type ReadLabelled = () => Readonly<Partial<Record<string, number>>>;

export class Exposition {
  private readonly registry = new Registry();

  async scrape(): Promise<{ text: string; type: string }> {
    return { text: await this.registry.metrics(), type: this.registry.contentType };
  }

  /** One series; or one for each value of a label, those of `values` from the start. */
  counter(name: string, help: string, read: Read): void;
  counter(name: string, help: string, label: string, values: readonly string[], read: ReadLabelled): void;
  counter(name: string, help: string, ...how: [Read] | [string, readonly string[], ReadLabelled]): void {
    const registers = [this.registry];
    if (how.length === 1) {
      const [read] = how;
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
      return;
    }
    const [label, values, read] = how;
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [value, count] of series(values, read)) this.inc({ [label]: value }, count);
      },
    });
  }

  gauge(name: string, help: string, read: Read): void;
  gauge(name: string, help: string, label: string, values: readonly string[], read: ReadLabelled): void;
  gauge(name: string, help: string, ...how: [Read] | [string, readonly string[], ReadLabelled]): void {
    const registers = [this.registry];
    if (how.length === 1) {
      const [read] = how;
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
      return;
    }
    const [label, values, read] = how;
    new Gauge({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        for (const [value, count] of series(values, read)) this.set({ [label]: value }, count);
      },
    });
  }

  histogram(name: string, help: string, durations: Durations): void {
    this.registry.registerMetric(new ReadHistogram(name, help, durations));
  }
}

function* series(values: readonly string[], read: ReadLabelled): Iterable<[value: string, count: number]> {
  const counts = read();
  for (const value of values) yield [value, counts[value] ?? 0];
  for (const [value, count] of Object.entries(counts))
    if (count !== undefined && !values.includes(value)) yield [value, count];
}

/** One whose buckets are somebody else's. */
class ReadHistogram extends Histogram<'le'> {
  constructor(
    private readonly metric: string,
    private readonly about: string,
    private readonly durations: Durations,
  ) {
    super({ name: metric, help: about, buckets: [...durations.bounds], registers: [] });
  }

  /** What the registry asks of a metric, and what its `get` is made of; the types leave it out. */
  async getForPromString(): Promise<object> {
    const { bounds, counts, sum } = this.durations;
    const { metric: name, about: help } = this;
    let below = 0;
    const values: object[] = counts.map((count, at) => {
      below += count;
      return { labels: { le: bounds[at] ?? '+Inf' }, value: below, metricName: `${name}_bucket` };
    });
    values.push({ labels: {}, value: sum, metricName: `${name}_sum` });
    values.push({ labels: {}, value: below, metricName: `${name}_count` });
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
