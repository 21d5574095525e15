// What was heard, against the truth of a conversation.

/** Words as they are compared: small letters, no punctuation. */
export const wordsOf = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');

/**
 * Word errors by turn: all that was heard aligned with all that was said, as one string of words, with the fewest
 * insertions, deletions and substitutions. What was inserted counts for the turn before it.
 * @returns errors and words a turn of the truth.
 */
export function wordErrors(truth, heard) {
  const said = truth.flatMap(({ words }, turn) => wordsOf(words).map((word) => ({ word, turn })));
  const got = heard.flatMap(({ text }) => wordsOf(text));
  const cost = Array.from({ length: said.length + 1 }, (_, i) => [i, ...new Array(got.length).fill(0)]);
  for (let j = 0; j <= got.length; j++) cost[0][j] = j;
  for (let i = 1; i <= said.length; i++) {
    for (let j = 1; j <= got.length; j++) {
      const differs = said[i - 1].word === got[j - 1] ? 0 : 1;
      cost[i][j] = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differs);
    }
  }
  const turns = truth.map(({ words }) => ({ errors: 0, words: wordsOf(words).length }));
  let [i, j] = [said.length, got.length];
  while (i > 0 || j > 0) {
    const differs = i > 0 && j > 0 && said[i - 1].word === got[j - 1] ? 0 : 1;
    const turn = said[Math.max(0, i - 1)].turn;
    if (i > 0 && j > 0 && cost[i][j] === cost[i - 1][j - 1] + differs) {
      turns[turn].errors += differs;
      i--;
      j--;
    } else {
      turns[turn].errors++;
      if (i > 0 && cost[i][j] === cost[i - 1][j] + 1) i--;
      else j--;
    }
  }
  return turns;
}

/** Which turns have an utterance of their own, both ends of it within so many seconds. */
export function found(truth, heard, tolerance = 0.5) {
  return truth.map(({ start, end }) =>
    heard.some((each) => Math.abs(each.start - start) <= tolerance && Math.abs(each.end - end) <= tolerance),
  );
}

/**
 * Seconds of what was said that go to the wrong speaker or to none, after the best matching of speakers one to one.
 * @param speakers a number an utterance.
 */
export function speakerErrors(truth, heard, speakers) {
  const people = [...new Set(truth.map(({ actor }) => actor))];
  const shared = people.map(() => new Map());
  for (const turn of truth) {
    heard.forEach(({ start, end }, i) => {
      const seconds = Math.min(end, turn.end) - Math.max(start, turn.start);
      if (seconds <= 0) return;
      const row = shared[people.indexOf(turn.actor)];
      row.set(speakers[i], (row.get(speakers[i]) ?? 0) + seconds);
    });
  }
  const total = truth.reduce((sum, { start, end }) => sum + end - start, 0);
  const best = (person, taken) => {
    if (person === people.length) return 0;
    let most = best(person + 1, taken);
    for (const [speaker, seconds] of shared[person]) {
      if (!taken.includes(speaker)) most = Math.max(most, seconds + best(person + 1, [...taken, speaker]));
    }
    return most;
  };
  return { wrong: total - best(0, []), total };
}
