import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** What `aws batch submit-job` takes, of its API's reference: the fields that the manifest uses, and no other. */
const SUBMIT_JOB = {
  type: 'object',
  required: ['jobName', 'jobQueue', 'jobDefinition'],
  additionalProperties: false,
  properties: {
    jobName: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$' },
    jobQueue: { type: 'string' },
    jobDefinition: { type: 'string' },
    arrayProperties: {
      type: 'object',
      additionalProperties: false,
      properties: { size: { type: 'integer', minimum: 2, maximum: 10_000 } },
    },
    retryStrategy: {
      type: 'object',
      additionalProperties: false,
      properties: { attempts: { type: 'integer', minimum: 1, maximum: 10 } },
    },
    containerOverrides: {
      type: 'object',
      additionalProperties: false,
      properties: {
        command: { type: 'array', items: { type: 'string' } },
        resourceRequirements: {
          type: 'array',
          items: {
            type: 'object',
            required: ['type', 'value'],
            properties: { type: { enum: ['GPU', 'VCPU', 'MEMORY'] }, value: { type: 'string', pattern: '^[0-9.]+$' } },
          },
        },
      },
    },
  },
};

/** The workers that the manifest's command counts on, and those that the scheduler starts, must be as many. */
const workersIn = (command: string[]) => Number(/--of (\d+)/.exec(command.join(' '))?.[1]);

describe('manifests of other schedulers', () => {
  it('Kubernetes: is a Job by its schema, indexed, with as many workers as it says', () => {
    const manifest = parse(readFileSync('docs/cluster/kubernetes.yaml', 'utf8'));
    new Job(manifest).validate();
    expect(manifest.spec.completionMode).toBe('Indexed');
    const { command } = manifest.spec.template.spec.containers[0];
    expect(workersIn(command)).toBe(manifest.spec.completions);
    expect(command.join(' ')).toContain('job anchors "$JOB_COMPLETION_INDEX"');
    expect(() => new Job({ ...manifest, spec: { ...manifest.spec, completions: 'four' } }).validate()).toThrow();
  });

  it('AWS Batch: is what submit-job takes, with as many workers as it says', () => {
    const manifest = JSON.parse(readFileSync('docs/cluster/aws-batch.json', 'utf8'));
    const check = new Ajv({ allErrors: true }).compile(SUBMIT_JOB);
    expect([check(manifest), check.errors]).toEqual([true, null]);
    const { command } = manifest.containerOverrides;
    expect(workersIn(command)).toBe(manifest.arrayProperties.size);
    expect(command.join(' ')).toContain('job anchors "$AWS_BATCH_JOB_ARRAY_INDEX"');
  });
});
