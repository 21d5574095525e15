import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { choose, computeOn, device, model, opening, problem } from '../state/model.js';
import { setup } from '../state/setup.js';
import { theme } from '../state/theme.js';
import { S } from '../strings.js';
import type { Device } from '../thinking/types.js';
import { CompareView } from './compare.js';
import { ConversationView } from './conversation.js';
import { LabelView } from './label.js';
import { Notice } from './notice.js';
import { RunsView } from './runs.js';

const VIEWS = ['conversation', 'compare', 'label', 'runs'] as const;
type View = (typeof VIEWS)[number];

const fromAddress = (): View => VIEWS.find((name) => `#${name}` === location.hash) ?? 'conversation';
const view = signal<View>(fromAddress());
addEventListener('hashchange', () => {
  view.value = fromAddress();
});

export function Shell() {
  const notice = useRef<HTMLDialogElement>(null);
  const about = model.value?.info.about;
  const notes = about ? [...(about.corpus?.synthetic ? [S.model.synthetic] : []), ...about.notes] : [];
  return (
    <div class="page">
      <a class="skip" href="#main">
        {S.skip}
      </a>
      <header class="masthead">
        <h1>
          vega-merc <span>{S.studio}</span>
        </h1>
        <nav aria-label={S.views}>
          {VIEWS.filter((name) => name !== 'runs' || setup.value?.server?.runs).map((name) => (
            <a key={name} href={`#${name}`} aria-current={view.value === name ? 'page' : undefined}>
              {S.view[name]}
            </a>
          ))}
        </nav>
        <div class="settings">
          <label class="inline">
            <span class="hidden">{S.model.label}</span>
            <select value={model.value?.id} onChange={({ currentTarget }) => void choose(currentTarget.value)}>
              {setup.value?.models.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          {setup.value?.graphics && 'gpu' in navigator && (
            <label class="inline">
              <span class="hidden">{S.device.label}</span>
              <select
                value={device.value}
                onChange={({ currentTarget }) => void computeOn(currentTarget.value as Device)}
              >
                <option value="wasm">{S.device.wasm}</option>
                <option value="webgpu">{S.device.webgpu}</option>
              </select>
            </label>
          )}
          <label class="inline">
            <span class="hidden">{S.theme.label}</span>
            <select
              value={theme.value}
              onChange={({ currentTarget }) => (theme.value = currentTarget.value as typeof theme.value)}
            >
              {(['system', 'light', 'dark'] as const).map((name) => (
                <option key={name} value={name}>
                  {S.theme[name]}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="notice" onClick={() => notice.current?.showModal()}>
            {S.notice.button}
          </button>
        </div>
      </header>
      <Notice dialog={notice} />
      <main id="main" tabIndex={-1}>
        <div role="status" class="status">
          {opening.value !== undefined && <p class="quiet">{S.model.opening}</p>}
        </div>
        <div role="alert">
          {problem.value && (
            <p class="problem">
              {problem.value}{' '}
              <button type="button" class="plain" aria-label={S.close} onClick={() => (problem.value = undefined)}>
                ×
              </button>
            </p>
          )}
        </div>
        {notes.length > 0 && (
          <details class="modelnotes">
            <summary>{about?.corpus?.synthetic ? S.model.synthetic : S.model.notes(notes.length)}</summary>
            <ul>
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </details>
        )}
        {view.value === 'conversation' && <ConversationView />}
        {view.value === 'compare' && <CompareView />}
        {view.value === 'label' && <LabelView />}
        {view.value === 'runs' && <RunsView />}
      </main>
    </div>
  );
}
