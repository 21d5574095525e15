import type { RefObject } from 'preact';
import { S } from '../strings.js';

/** What the model can and cannot know, and where it may not be used; reachable from everywhere. */
export function Notice({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} class="notice" aria-labelledby="notice-h">
      <h2 id="notice-h">{S.notice.title}</h2>
      {S.notice.parts.map(({ title, text }) => (
        <section key={title}>
          <h3>{title}</h3>
          <p>{text}</p>
        </section>
      ))}
      <form method="dialog" class="buttons">
        <button type="submit" class="primary">
          {S.close}
        </button>
      </form>
    </dialog>
  );
}
