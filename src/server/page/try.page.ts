// The page at /try: asks the server that it came from.

interface Line {
  speaker?: string;
  text?: string;
  emotion: string;
  confidence: number;
}

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [model, words, token] = [
  element<HTMLSelectElement>('model'),
  element<HTMLTextAreaElement>('words'),
  element<HTMLInputElement>('token'),
];
const [recording, transcript] = [element<HTMLInputElement>('recording'), element<HTMLInputElement>('transcript')];

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  if (token.value !== '') headers.set('authorization', `Bearer ${token.value}`);
  const response = await fetch(path, { ...init, headers });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body as T;
}

async function showModels(): Promise<void> {
  const { models } = await ask<{ models: { name: string; classes: string[] }[] }>('v1/models');
  model.replaceChildren(...models.map(({ name, classes }) => new Option(`${name} (${classes.join(', ')})`, name)));
}

function utterances(): { speaker?: string; text: string }[] {
  const lines = words.value.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, speaker, text] = /^([^:]{1,40}):\s*(.*)$/.exec(line) ?? [];
    return speaker === undefined ? { text: line } : { speaker, text };
  });
}

function predict(): Promise<{ predictions: Line[] }> {
  const film = recording.files?.[0];
  if (film === undefined) {
    const body = JSON.stringify({ model: model.value || undefined, utterances: utterances() });
    return ask('v1/predict', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  }
  const body = new FormData();
  if (model.value !== '') body.set('model', model.value);
  body.set('recording', film);
  const subtitles = transcript.files?.[0];
  if (subtitles !== undefined) body.set('transcript', subtitles);
  return ask('v1/predict', { method: 'POST', body });
}

function table(lines: readonly Line[]): HTMLTableElement {
  const whole = document.createElement('table');
  const add = (tag: 'td' | 'th', texts: readonly string[]) => {
    const row = whole.insertRow();
    for (const [i, text] of texts.entries()) {
      const cell = document.createElement(tag);
      cell.textContent = text;
      if (i === texts.length - 1) cell.className = 'sure';
      row.append(cell);
    }
  };
  add('th', ['Speaker', 'Words', 'Emotion', 'Sure']);
  for (const { speaker, text, emotion, confidence } of lines)
    add('td', [speaker ?? '', text ?? '', emotion, `${Math.round(100 * confidence)} %`]);
  return whole;
}

async function attempt(doing: string, work: () => Promise<void>): Promise<void> {
  const [state, problem] = [element('state'), element('problem')];
  problem.textContent = '';
  state.textContent = doing;
  try {
    await work();
  } catch (error) {
    problem.textContent = (error as Error).message;
  }
  state.textContent = '';
}

element<HTMLFormElement>('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt('The server is at it …', async () => {
    if (model.length === 0) await showModels();
    const { predictions } = await predict();
    element('answer').replaceChildren(table(predictions));
  });
});
void attempt('', showModels);
