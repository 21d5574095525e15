import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { locateClipTower, openClipText, openImageEncoder } from '../../src/encoders/index.js';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  TensorProto_DataType,
} from '../../src/graph/protobuf/onnx_pb.js';

const golden = '../shared/golden/clip';
const id = 'Xenova/clip-vit-base-patch32';
const words = ['[UNK]', 'a', 'face', 'happy', 'sad'];

let folder: string;
let hub: Server;
let requested: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clip-'));
  mkdirSync(join(folder, 'text'));
  writeFileSync(join(folder, 'text/text_model.onnx'), tinyTextTower());
  writeFileSync(
    join(folder, 'text/tokenizer.json'),
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'WhitespaceSplit' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', unk_token: '[UNK]', vocab: Object.fromEntries(words.map((word, i) => [word, i])) },
    }),
  );
  writeFileSync(
    join(folder, 'text/tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'PreTrainedTokenizer', unk_token: '[UNK]' }),
  );
  // A hub on this machine that has the golden tower under the default model's name.
  const files: Record<string, string> = {
    'config.json': 'config.json',
    'preprocessor_config.json': 'preprocessor_config.json',
    'onnx/vision_model.onnx': 'tiny_clip_vision.onnx',
  };
  hub = createServer((request, response) => {
    requested.push(request.url ?? '');
    const file = files[(request.url ?? '').replace(`/${id}/resolve/main/`, '')];
    if (file === undefined) response.writeHead(404).end();
    else response.end(readFileSync(join(golden, file)));
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  hub.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  requested = [];
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
});

describe('a CLIP model of the hub', () => {
  it('is fetched once, kept, and named by its id', async () => {
    vi.stubEnv('VEGA_MERC_CACHE', join(folder, 'fetched'));
    const encoder = await openImageEncoder({ encoder: 'clip' });
    expect(encoder.name).toBe(id);
    expect(encoder.dim).toBe(32);
    await encoder.dispose();
    expect(requested.length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'fetched', id, 'onnx/vision_model.onnx'))).toBe(true);
    requested = [];
    await (await openImageEncoder({ encoder: 'clip', model: 'B/32' })).dispose();
    expect(requested).toEqual([]);
  });

  it('opens from files that were put into the cache by hand', async () => {
    vi.stubEnv('VEGA_MERC_CACHE', join(folder, 'placed'));
    const place = join(folder, 'placed/Xenova/clip-vit-large-patch14');
    mkdirSync(join(place, 'onnx'), { recursive: true });
    copyFileSync(join(golden, 'tiny_clip_vision.onnx'), join(place, 'onnx/vision_model.onnx'));
    copyFileSync(join(golden, 'preprocessor_config.json'), join(place, 'preprocessor_config.json'));
    const encoder = await openImageEncoder({ encoder: 'clip', model: 'ViT-L/14' });
    expect(encoder.name).toBe('Xenova/clip-vit-large-patch14');
    await encoder.dispose();
    expect(requested).toEqual([]);
  });

  it('without a network says what to put where', async () => {
    const cache = join(folder, 'empty');
    vi.stubEnv('VEGA_MERC_CACHE', cache);
    // Nothing listens on this port.
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    const failure = openImageEncoder({ encoder: 'clip' });
    await expect(failure).rejects.toThrow(
      `Without a network, put its files onnx/vision_model.onnx and preprocessor_config.json into the folder ${join(cache, id)}`,
    );
    await expect(failure).rejects.toThrow(/could not be fetched from the hub \(.+\)/);
    await expect(openClipText()).rejects.toThrow(/text_model\.onnx and tokenizer\.json and tokenizer_config\.json/);
  });

  it('that the hub does not have is named', async () => {
    vi.stubEnv('VEGA_MERC_CACHE', join(folder, 'empty'));
    await expect(openImageEncoder({ encoder: 'clip', model: 'nobody/nothing' })).rejects.toThrow(
      /The model nobody\/nothing is not on this machine and could not be fetched/,
    );
    await expect(openImageEncoder({ encoder: 'clip', model: 'ViT-B/33' })).rejects.toThrow(/Did you mean "ViT-B\/32"/);
  });
});

describe('a CLIP model in a folder', () => {
  it('is found by the names of public exports, or as the only network', async () => {
    expect(await locateClipTower(golden, 'vision')).toEqual({
      file: join(golden, 'tiny_clip_vision.onnx'),
      folder: golden,
    });
    const file = join(folder, 'fetched', id, 'onnx/vision_model.onnx');
    expect((await locateClipTower(file, 'vision')).folder).toBe(join(folder, 'fetched', id));
  });

  it('must be one', async () => {
    const several = join(folder, 'several');
    mkdirSync(several);
    await expect(locateClipTower(several, 'vision')).rejects.toThrow(
      /holds no ONNX network; put vision_model\.onnx into it/,
    );
    for (const name of ['a.onnx', 'b.onnx']) writeFileSync(join(several, name), '');
    await expect(locateClipTower(several, 'vision')).rejects.toThrow(/several ONNX networks \(a\.onnx, b\.onnx\)/);
  });
});

describe('the text tower', () => {
  it('embeds each text by its own tokens', async () => {
    const encoder = await openClipText(join(folder, 'text'));
    expect(encoder.dim).toBe(5);
    const embeddings = await encoder.embed(['a happy face', 'Sad']);
    expect([...embeddings].map((x) => Number(x.toFixed(4)))).toEqual([0, 0.3333, 0.3333, 0.3333, 0, 0, 0, 0, 0, 1]);
    await encoder.dispose();
  });

  it('says what its tokenizer needs', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'text_model.onnx'), tinyTextTower());
    await expect(openClipText(bare)).rejects.toThrow(/it needs tokenizer\.json and tokenizer_config\.json/);
  });
});

/** A network that gives the share of each word in a text: the mean over one-hot rows. */
function tinyTextTower(): Uint8Array {
  const identity = words.flatMap((_, i) => words.map((__, j) => (i === j ? 1 : 0)));
  const tensor = (elemType: TensorProto_DataType, ...dims: (string | number)[]) => ({
    value: {
      case: 'tensorType' as const,
      value: {
        elemType,
        shape: {
          dim: dims.map((size) => ({
            value:
              typeof size === 'string'
                ? { case: 'dimParam' as const, value: size }
                : { case: 'dimValue' as const, value: BigInt(size) },
          })),
        },
      },
    },
  });
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'text',
      initializer: [{ name: 'table', dataType: TensorProto_DataType.FLOAT, dims: [5n, 5n], floatData: identity }],
      node: [
        { opType: 'Gather', input: ['table', 'input_ids'], output: ['rows'] },
        {
          opType: 'ReduceMean',
          input: ['rows'],
          output: ['text_embeds'],
          attribute: [
            { name: 'axes', type: AttributeProto_AttributeType.INTS, ints: [1n] },
            { name: 'keepdims', type: AttributeProto_AttributeType.INT, i: 0n },
          ],
        },
      ],
      input: [{ name: 'input_ids', type: tensor(TensorProto_DataType.INT64, 'batch', 'tokens') }],
      output: [{ name: 'text_embeds', type: tensor(TensorProto_DataType.FLOAT, 'batch', 5) }],
    },
  });
  return toBinary(ModelProtoSchema, model);
}
