import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { check } from '../../base/json.js';
import { modalitiesIn } from '../../base/modalities.js';
import type { Conversation } from '../conversations.js';
import { modelOf, type Service } from '../service.js';
import type { HeardUtterance, ModelInfo } from '../work/tasks.js';
import { readWhole, requireType } from './body.js';
import { clientOf } from './client.js';
import { streamEvents } from './events.js';
import { DIALOGUE, givenConversation, givenUtterance, wellFormed } from './given.js';
import { json } from './parse.js';
import { busy, Problem } from './problems.js';
import {
  beginSchema,
  conversationSchema,
  healthSchema,
  lineSchema,
  modelsSchema,
  predictionsSchema,
  predictSchema,
  problemSchema,
  saySchema,
  sayUploadSchema,
  uploadSchema,
} from './schemas.js';

const problems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: 'A problem.', content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});
const taken = (schema: z.ZodType, upload?: z.ZodType) => ({
  required: true,
  content: {
    'application/json': { schema },
    ...(upload && { 'multipart/form-data': { schema: upload } }),
  },
});
const id = z.object({ id: z.string().openapi({ description: 'Of the conversation.' }) });
const ALWAYS = [401, 403, 429, 500, 503];
const BODIES = [400, 408, 413, 415, 422, ...ALWAYS];
/** Lines of JSON, as the command line prints them. */
const LINES = ['application/jsonl', 'application/x-ndjson'];

/** What the server can be asked, for the document; `addRoutes` answers it. */
export const ROUTES = {
  predict: createRoute({
    method: 'post',
    path: '/v1/predict',
    operationId: 'predict',
    summary: 'The emotion of every utterance of a conversation.',
    request: {
      body: taken(predictSchema, uploadSchema),
      query: z.object({
        rows: z.literal('true').optional().openapi({
          description: 'Rows that were made of media come along, so that one can ask again without the media.',
        }),
      }),
    },
    responses: {
      200: {
        description: 'An answer an utterance; as lines where the client accepts application/jsonl.',
        content: { 'application/json': { schema: predictionsSchema }, 'application/jsonl': { schema: z.string() } },
      },
      ...problems(...BODIES),
    },
  }),
  begin: createRoute({
    method: 'post',
    path: '/v1/conversations',
    operationId: 'beginConversation',
    summary: 'Begins a conversation whose utterances come one by one.',
    request: { body: { ...taken(beginSchema), required: false } },
    responses: { 201: answer('It goes on.', conversationSchema), ...problems(...BODIES) },
  }),
  say: createRoute({
    method: 'post',
    path: '/v1/conversations/{id}/utterances',
    operationId: 'say',
    summary: 'Says the next utterance.',
    request: { params: id, body: taken(saySchema, sayUploadSchema) },
    responses: { 200: answer('Its answer.', lineSchema), ...problems(404, 409, ...BODIES) },
  }),
  events: createRoute({
    method: 'get',
    path: '/v1/conversations/{id}/events',
    operationId: 'events',
    summary: 'The answers of a conversation, those that were given and those to come, as server-sent events.',
    request: {
      params: id,
      headers: z.object({
        'last-event-id': z.string().optional().openapi({ description: 'Goes on after this index.' }),
      }),
    },
    responses: {
      200: {
        description: 'Events "prediction", with the index as their id, and "end" with a reason.',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems(400, 404, ...ALWAYS),
    },
  }),
  end: createRoute({
    method: 'delete',
    path: '/v1/conversations/{id}',
    operationId: 'endConversation',
    summary: 'Ends a conversation; nothing of it is kept.',
    request: { params: id },
    responses: { 204: { description: 'It is over.' }, ...problems(404, ...ALWAYS) },
  }),
  models: createRoute({
    method: 'get',
    path: '/v1/models',
    operationId: 'models',
    summary: 'The models, the default first.',
    responses: { 200: answer('What a client must know of them.', modelsSchema), ...problems(...ALWAYS) },
  }),
  health: createRoute({
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    summary: 'Does the server live?',
    responses: { 200: answer('It does.', healthSchema) },
  }),
  ready: createRoute({
    method: 'get',
    path: '/readyz',
    operationId: 'ready',
    summary: 'Does it take requests?',
    responses: { 200: answer('It does.', healthSchema), ...problems(503) },
  }),
  metrics: createRoute({
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'What Prometheus wants to know.',
    responses: {
      200: { description: "Prometheus's text format.", content: { 'text/plain': { schema: z.string() } } },
      ...problems(401, 403, 429),
    },
  }),
} as const;

export function addRoutes(app: OpenAPIHono, service: Service): void {
  const { conversations, queue, metrics } = service;
  const raw = (c: Context, body: string, status: 200 | 201 = 200, headers: Record<string, string> = {}) =>
    c.body(body, status, { 'content-type': 'application/json', ...headers });

  const handlers: Record<keyof typeof ROUTES, (c: Context) => Response | Promise<Response>> = {
    async predict(c) {
      const { served, heard, notes } = await givenConversation(c, service);
      const lines = await queue.predict(served, heard, c.req.raw.signal);
      const accepted = c.req.header('accept') ?? '';
      const type = LINES.find((one) => accepted.includes(one));
      if (type !== undefined) return c.body(lines.map((line) => `${line}\n`).join(''), 200, { 'content-type': type });
      const rows = c.req.query('rows') === 'true' ? `,"rows":${JSON.stringify(heard.map(rowsOf))}` : '';
      const about = `${notes.length > 0 ? `,"notes":${JSON.stringify(notes)}` : ''}${rows}`;
      return raw(c, `{"model":${JSON.stringify(served.name)},"predictions":[${lines.join(',')}]${about}}`);
    },
    async begin(c) {
      const given = await beginning(c, service);
      const { info } = modelOf(service, given.model ?? undefined);
      const conversation = conversations.begin(info, given.dialogue ?? DIALOGUE, clientOf(c));
      return raw(c, JSON.stringify(stateOf(conversation, service)), 201, {
        location: `/v1/conversations/${conversation.id}`,
      });
    },
    async say(c) {
      const conversation = conversations.get(c.req.param('id') as string);
      const { info } = modelOf(service, conversation.model);
      const { heard, index } = await givenUtterance(c, service, { info, dialogue: conversation.dialogue });
      return raw(c, await conversation.say(heard, index));
    },
    events(c) {
      const conversation = conversations.get(c.req.param('id') as string);
      return streamEvents(c, conversation, service);
    },
    end(c) {
      const { id } = conversations.get(c.req.param('id') as string);
      conversations.end(id, 'deleted');
      return c.body(null, 204);
    },
    models: (c) => c.json({ models: queue.models.map(modelCard) }),
    health: (c) => c.json({ status: 'ok' }),
    ready(c) {
      if (service.draining) throw busy('The server is stopping.', 30);
      if (!queue.ready) throw busy('Its processes are opening the models.', 2);
      return c.json({ status: 'ready' });
    },
    metrics: async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  };
  const methods = new Map<string, string[]>();
  for (const [name, route] of Object.entries(ROUTES)) {
    app.openAPIRegistry.registerPath(route);
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, handlers[name as keyof typeof ROUTES]);
    const method = route.method.toUpperCase();
    methods.set(path, [...(methods.get(path) ?? []), method, ...(method === 'GET' ? ['HEAD'] : [])]);
  }
  for (const [path, allowed] of methods) {
    app.all(path, () => {
      throw new Problem('method', `Here only ${allowed.join(' and ')} can be asked.`, { allow: allowed.join(', ') });
    });
  }
}

/** An utterance's rows as JSON has them. */
const rowsOf = ({ utterance: { features = {} } }: HeardUtterance) =>
  Object.fromEntries(
    Object.entries(features).map(([modality, row]) => [modality, Array.from('row' in row ? row.row : row)]),
  );

async function beginning(c: Context, { limits, budget }: Service): Promise<z.infer<typeof beginSchema>> {
  const body = await readWhole(c.req.raw, { most: limits.json, patience: limits.patience }, budget);
  if (body.length === 0) return {};
  requireType(c.req.raw, 'application/json');
  return wellFormed(async () => check(beginSchema, json(body, 'The body'), 'The body'));
}

const stateOf = ({ id, model, dialogue, length }: Conversation, { limits }: Service) => ({
  id,
  model,
  dialogue,
  utterances: length,
  idleSeconds: limits.idle / 1000,
});

function modelCard(
  { name, classes, inputs, about, notLive }: ModelInfo,
  at: number,
): z.infer<typeof modelsSchema>['models'][number] {
  const taken = modalitiesIn(inputs).map((modality) => {
    const { dim, encoder, parts } = inputs[modality] as NonNullable<(typeof inputs)[typeof modality]>;
    return [modality, { dim, encoder, raw: parts !== undefined }];
  });
  return {
    name,
    default: at === 0,
    classes: [...classes],
    inputs: Object.fromEntries(taken),
    live: notLive === undefined,
    about,
  };
}
