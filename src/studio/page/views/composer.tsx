import { draft, say, speakers } from '../state/talk.js';
import { S } from '../strings.js';

/** Says one utterance more, as any speaker. */
export function Composer() {
  const { speaker, text } = draft.value;
  return (
    <form
      class="composer"
      aria-label={S.compose.title}
      onSubmit={(event) => {
        event.preventDefault();
        say();
      }}
    >
      <label>
        <span>{S.compose.speaker}</span>
        <input
          name="speaker"
          list="speakers"
          autocomplete="off"
          value={speaker}
          placeholder={S.compose.someone}
          onInput={({ currentTarget }) => (draft.value = { ...draft.value, speaker: currentTarget.value })}
        />
      </label>
      <datalist id="speakers">
        {speakers.value
          .filter((name) => name !== '')
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
      <label class="grow">
        <span>{S.compose.words}</span>
        <input
          name="words"
          autocomplete="off"
          value={text}
          placeholder={S.compose.placeholder}
          onInput={({ currentTarget }) => (draft.value = { ...draft.value, text: currentTarget.value })}
        />
      </label>
      <button type="submit" class="primary">
        {S.compose.say}
      </button>
    </form>
  );
}
