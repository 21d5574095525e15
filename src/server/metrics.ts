import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Prometheus is told. */
export interface Metrics {
  onRequest(route: string, method: string, status: number, seconds: number): void;
  onBatch(model: string, conversations: number, seconds: number): void;
  onLost(kind: 'predict' | 'media'): void;
  text(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

/** What is counted at the moment when it is asked for. */
export interface Gauges {
  waiting(): number;
  uploads(): number;
  conversations(): number;
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** Metrics of one server, in a registry of its own. */
export function createMetrics(gauges: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const labelNames = ['route', 'method', 'status'];
  const requests = new Histogram({
    name: 'vega_merc_request_seconds',
    help: 'Time to answer a request, by route.',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const batches = new Histogram({
    name: 'vega_merc_batch_seconds',
    help: 'Time to compute conversations together.',
    labelNames: ['model'],
    buckets: SECONDS,
    registers,
  });
  const conversations = new Counter({
    name: 'vega_merc_computed_total',
    help: 'Conversations, and utterances of those that go on, that were computed.',
    labelNames: ['model'],
    registers,
  });
  const lost = new Counter({
    name: 'vega_merc_processes_lost_total',
    help: 'Worker processes that died or were ended at a task.',
    labelNames: ['kind'],
    registers,
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('vega_merc_waiting', 'Conversations that wait for a process.', gauges.waiting);
  gauge('vega_merc_uploads', 'Uploads that are received, waiting or decoded.', gauges.uploads);
  gauge('vega_merc_conversations', 'Conversations that go on.', gauges.conversations);
  return {
    onRequest: (route, method, status, seconds) => requests.observe({ route, method, status: `${status}` }, seconds),
    onBatch(model, count, seconds) {
      batches.observe({ model }, seconds);
      conversations.inc({ model }, count);
    },
    onLost: (kind) => lost.inc({ kind }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  };
}
