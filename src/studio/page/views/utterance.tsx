import type { ComponentChildren } from 'preact';
import type { Modality } from '../../../entries/web.js';
import { Emotion } from '../parts/emotion.js';
import { FaceMap } from '../parts/faceMap.js';
import { isUncertain, percent, unfamiliar } from '../parts/verdict.js';
import type { Answers, Turn } from '../state/types.js';
import { S } from '../strings.js';
import type { Answer } from '../thinking/types.js';

/** What the model says of one utterance, and what that rests on. */
export function UtterancePanel({
  turn,
  answers,
  turns,
  withMap,
}: {
  turn: Turn;
  answers: Answers;
  turns: readonly Turn[];
  withMap: boolean;
}) {
  const answer = answers.of.get(turn.id);
  if (answer === undefined) return <p class="quiet">{S.talk.thinking}</p>;
  const { classes } = answers;
  const missing = { ...turn.missing, ...answer.missing };
  // Why something was left out says that it is unfamiliar.
  const far = unfamiliar(answer).filter((modality) => !(modality in missing));
  return (
    <article class="utterance" aria-label={S.utterance.title}>
      <header>
        {turn.face && <img class="spoke" src={turn.face} alt={S.utterance.spoke} width="64" height="64" />}
        <p class="who">
          {turn.speaker || S.talk.nobody} · {answers.order.indexOf(turn.id) + 1}
        </p>
        <p class="words">{turn.text || S.talk.noWords}</p>
        <p class="verdict">
          <Emotion name={answer.emotion} classes={classes} />{' '}
          <data value={answer.confidence}>{percent(answer.confidence)}</data>
          <span class="quiet"> {answer.zeroShot ? S.utterance.zeroShot : S.utterance.confident}</span>
        </p>
        {isUncertain(answer) && <p class="doubt">{S.utterance.uncertain}</p>}
        {far.length > 0 && (
          <p class="doubt">{S.utterance.unfamiliar(far.map((modality) => S.modality[modality]).join(', '))}</p>
        )}
        {Object.entries(missing).map(([modality, why]) => (
          <p class="doubt" key={modality}>
            {S.utterance.missing(S.modality[modality as Modality], why)}
          </p>
        ))}
      </header>
      <Distributions answer={answer} classes={classes} />
      <Shares answer={answer} />
      <Faces answer={answer} classes={classes} />
      {withMap && <FaceMap turn={turn} classes={classes} />}
      <Attended answer={answer} answers={answers} turns={turns} />
    </article>
  );
}

function Part({ title, children, note }: { title: string; children: ComponentChildren; note?: string }) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
      {note && <p class="note">{note}</p>}
    </section>
  );
}

/** A column each head: both heads, and each modality by itself. */
function Distributions({ answer, classes }: { answer: Answer; classes: readonly string[] }) {
  const { heads, modalities } = answer;
  const opinions = (Object.entries(modalities) as [Modality, NonNullable<Answer['modalities'][Modality]>][]).flatMap(
    ([modality, { classHead, anchorHead }]) => {
      const probabilities = classHead ?? anchorHead;
      return probabilities ? [{ name: S.modality[modality], probabilities }] : [];
    },
  );
  const columns = [
    ...(heads.classHead ? [{ name: S.utterance.classHead, probabilities: heads.classHead }] : []),
    ...(heads.anchorHead ? [{ name: S.utterance.anchorHead, probabilities: heads.anchorHead }] : []),
    ...opinions,
  ];
  return (
    <Part title={S.utterance.heads} note={S.utterance.headsNote}>
      <section class="wide" tabIndex={0} aria-label={S.utterance.heads}>
        <table class="opinions">
          <thead>
            <tr>
              <th scope="col">{S.utterance.emotion}</th>
              {columns.map(({ name }) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((emotion) => (
              <tr key={emotion}>
                <th scope="row">
                  <Emotion name={emotion} classes={classes} />
                </th>
                {columns.map(({ name, probabilities }) => {
                  const p = probabilities[emotion] ?? 0;
                  const top = Math.max(...Object.values(probabilities)) === p;
                  return (
                    <td key={name} class={top ? 'top' : ''} style={{ '--p': `${(100 * p).toFixed(1)}%` }}>
                      <data value={p}>{(100 * p).toFixed(0)}</data>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Part>
  );
}

/** How much text, voice and face weighed. */
function Shares({ answer }: { answer: Answer }) {
  const shares = Object.entries(answer.evidence.shares) as [Modality, number][];
  if (shares.length === 0) return null;
  return (
    <Part title={S.utterance.shares}>
      <ul class="shares">
        {shares.map(([modality, share]) => (
          <li key={modality}>
            <span>{S.modality[modality]}</span>
            <meter min={0} max={1} value={share} aria-label={S.modality[modality]} />
            <data value={share}>{percent(share)}</data>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Faces({ answer, classes }: { answer: Answer; classes: readonly string[] }) {
  const { exemplars } = answer.evidence;
  if (exemplars === undefined || exemplars.length === 0) return null;
  return (
    <Part title={S.utterance.faces} note={S.utterance.facesNote}>
      <ul class="faces">
        {exemplars.map(({ emotion, name, picture, cosine }, i) => (
          <li key={`${i} ${name}`}>
            {picture ? (
              <img src={picture} alt={S.utterance.faceOf(emotion)} width="64" height="64" />
            ) : (
              <span class="noface">{name ?? S.utterance.noPicture}</span>
            )}
            <Emotion name={emotion} classes={classes} />
            <data class="quiet" value={cosine}>
              cos {cosine.toFixed(2)}
            </data>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Attended({ answer, answers, turns }: { answer: Answer; answers: Answers; turns: readonly Turn[] }) {
  const { attended } = answer.evidence;
  if (attended.length === 0) return null;
  return (
    <Part title={S.utterance.attended} note={S.utterance.attendedNote}>
      <ol class="attended">
        {attended.map(({ index, weight }) => {
          const turn = turns.find(({ id }) => id === answers.order[index]);
          return (
            <li key={index}>
              <data value={weight}>{percent(weight)}</data> <span class="quiet">{index + 1}</span>{' '}
              {turn?.text || S.talk.noWords}
            </li>
          );
        })}
      </ol>
    </Part>
  );
}
