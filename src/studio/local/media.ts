import { programVersions } from '../../base/program.js';
import { createApp, createLog, createService } from '../../server/index.js';
import type { LocalPart } from '../app.js';
import type { StudioModel } from '../models.js';

/** Recordings, read by the HTTP API: POST /v1/predict. Its processes start when the first recording comes. */
export function mediaPart(models: readonly StudioModel[]): LocalPart {
  const served = models.map(({ id, folder }) => ({ name: id, model: folder }));
  const open = async () => {
    const { service, close } = await createService({ models: served, log: createLog('silent') });
    const hosts = ['localhost', '127.0.0.1', '[::1]'];
    return { app: createApp({ service, origins: [], hosts, version: programVersions().version }), close };
  };
  let opened: ReturnType<typeof open> | undefined;
  return {
    says: { media: true },
    add(app) {
      app.all('/v1/*', async (c) => {
        opened ??= open();
        opened.catch(() => {
          opened = undefined;
        });
        return (await opened).app.fetch(c.req.raw, c.env as object);
      });
    },
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
