import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) => readFileSync(`docker/${name}`, 'utf8');

it('the Dockerfile passes the linter of its editors', () => {
  expect(validate(read('Dockerfile')).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

it('what compose starts is reached from this machine alone, and has time to stop', () => {
  const { services, secrets } = parse(read('compose.yaml'));
  for (const service of Object.values(services) as { ports: string[]; secrets: string[]; read_only: boolean }[]) {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service.secrets).toEqual(Object.keys(secrets));
    expect(service.read_only).toBe(true);
  }
  expect(Number.parseInt(services['vega-merc'].stop_grace_period, 10)).toBeGreaterThan(30);
  const [job] = parse(read('prometheus.yml')).scrape_configs;
  expect(job).toMatchObject({ metrics_path: '/metrics', static_configs: [{ targets: ['vega-merc:8080'] }] });
  expect(job.authorization.credentials_file).toBe('/run/secrets/token');
});
