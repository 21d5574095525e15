import { useRef, useState } from 'preact/hooks';
import { opened, openFiles, openText } from '../state/open.js';
import { clearTalk, openTalk, talk } from '../state/talk.js';
import { S } from '../strings.js';

/** Where a conversation comes from: files, the clipboard, an example. */
export function OpenBar() {
  const file = useRef<HTMLInputElement>(null);
  const paste = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  return (
    <div class="bar">
      <button type="button" onClick={() => file.current?.click()}>
        {S.open.file}
      </button>
      <input
        ref={file}
        type="file"
        hidden
        multiple
        aria-label={S.open.file}
        onChange={({ currentTarget }) => {
          void openFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
      <button type="button" onClick={() => paste.current?.showModal()}>
        {S.open.paste}
      </button>
      <button type="button" onClick={() => openText(S.open.exampleText, S.open.exampleName)}>
        {S.open.example}
      </button>
      {talk.value.turns.length > 0 && (
        <button type="button" class="plain" onClick={clearTalk}>
          {S.open.clear}
        </button>
      )}
      {opened.value.length > 1 && (
        <label class="inline">
          {S.open.conversation}
          <select
            onChange={({ currentTarget }) => openTalk(opened.value[currentTarget.selectedIndex])}
            value={talk.value.name}
          >
            {opened.value.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <dialog ref={paste} aria-labelledby="paste-h">
        <form
          method="dialog"
          onSubmit={(event) => {
            event.preventDefault();
            const said = openText(text, S.open.pasted);
            setWrong(said);
            if (said !== undefined) return;
            setText('');
            paste.current?.close();
          }}
        >
          <h2 id="paste-h">{S.open.paste}</h2>
          <label class="block">
            <span>{S.open.pasteHelp}</span>
            <textarea
              rows={12}
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
              placeholder={S.open.pastePlaceholder}
            />
          </label>
          <p role="alert" class="doubt">
            {wrong}
          </p>
          <p class="buttons">
            <button type="submit" class="primary">
              {S.open.open}
            </button>
            <button type="button" onClick={() => paste.current?.close()}>
              {S.cancel}
            </button>
          </p>
        </form>
      </dialog>
    </div>
  );
}
