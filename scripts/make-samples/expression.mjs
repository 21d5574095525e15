// What a face does for an emotion: muscles of the Facial Action Coding System, with seeded variation.

/** Every muscle of a Pose (face.mjs) at rest. */
const REST = {
  innerBrow: 0,
  outerBrow: 0,
  browLower: 0,
  lidRaise: 0,
  cheek: 0,
  lidTighten: 0,
  noseWrinkle: 0,
  upperLip: 0,
  smile: 0,
  frown: 0,
  stretch: 0,
  press: 0,
  jaw: 0,
};

/** Full-strength expressions, several ways each: people do not show one emotion one way. */
const EXPRESSIONS = {
  neutral: [{}, { press: 0.15 }, { lidTighten: 0.12 }, { innerBrow: 0.1, outerBrow: 0.1 }],
  joy: [
    { cheek: 0.9, smile: 1, jaw: 0.3, upperLip: 0.3 },
    { cheek: 1, smile: 0.95, lidTighten: 0.3, jaw: 0.5 },
    { cheek: 0.7, smile: 0.9, outerBrow: 0.25, innerBrow: 0.2 },
  ],
  surprise: [
    { innerBrow: 0.95, outerBrow: 1, lidRaise: 0.9, jaw: 0.85 },
    { innerBrow: 0.9, outerBrow: 0.9, lidRaise: 1, jaw: 0.55 },
  ],
  fear: [
    { innerBrow: 1, outerBrow: 0.5, browLower: 0.5, lidRaise: 1, stretch: 0.9, jaw: 0.25 },
    { innerBrow: 0.9, outerBrow: 0.4, browLower: 0.4, lidRaise: 0.9, stretch: 0.7, jaw: 0.45 },
  ],
  sadness: [
    { innerBrow: 1, browLower: 0.35, frown: 1 },
    { innerBrow: 0.85, browLower: 0.2, frown: 0.9, press: 0.5, lidTighten: 0.3 },
  ],
  anger: [
    { browLower: 1, lidRaise: 0.35, lidTighten: 0.6, press: 0.9, frown: 0.25 },
    { browLower: 1, lidTighten: 0.5, upperLip: 0.6, stretch: 0.5, jaw: 0.3, noseWrinkle: 0.25 },
  ],
  disgust: [
    { noseWrinkle: 1, upperLip: 0.9, browLower: 0.5, frown: 0.5, cheek: 0.35 },
    { noseWrinkle: 0.9, upperLip: 0.7, browLower: 0.4, lidTighten: 0.7, frown: 0.7, press: 0.1 },
  ],
};

/**
 * Which emotions a face leaves open: the share of an emotion's faces that lie halfway to another's. Eyes widen in fear as
 * in surprise, anger wrinkles the nose as disgust does, sadness is half hidden, a smile may be politeness. Voices tell
 * these apart, and confuse others, so that face and voice together are better than either.
 */
const HALFWAY = {
  neutral: { sadness: 0.15, joy: 0.1 },
  joy: { neutral: 0.25 },
  sadness: { neutral: 0.7 },
  surprise: { fear: 0.8 },
  fear: { surprise: 0.8 },
  anger: { disgust: 0.75 },
  disgust: { anger: 0.75 },
};

/**
 * How one person shows an emotion at its peak, plainly: the pictures for anchors.
 * @param {string} emotion a class of EXPRESSIONS
 * @param {import('../../dist/base/random.js').RandomStream} random
 * @returns the muscles of a Pose, each 0 … 1
 */
export function expression(emotion, random) {
  return muscles({ [emotion]: 0.65 + 0.35 * random.uniform() }, random);
}

/**
 * What a face shows of an emotion in a conversation: it plainly, little of it, or something halfway to another.
 * @param {string} emotion @param {import('../../dist/base/random.js').RandomStream} random
 * @returns the muscles of a Pose, each 0 … 1
 */
export function shownExpression(emotion, random) {
  // Some people hide what they feel: about one in six shows little of it.
  const strength = random.uniform() < 0.16 ? 0.3 + 0.2 * random.uniform() : 0.65 + 0.35 * random.uniform();
  let open = random.uniform();
  for (const [other, share] of Object.entries(HALFWAY[emotion])) {
    open -= share;
    if (open >= 0) continue;
    const part = 0.35 + 0.3 * random.uniform();
    return muscles({ [emotion]: strength * part, [other]: strength * (1 - part) }, random);
  }
  return muscles({ [emotion]: strength }, random);
}

/** @param {Record<string, number>} strengths of the emotions that mix in a face, 0 … 1 */
function muscles(strengths, random) {
  const ways = Object.entries(strengths).map(([emotion, strength]) => {
    const known = EXPRESSIONS[emotion];
    return { way: known[random.integer(known.length)], strength };
  });
  const pose = {};
  for (const [muscle, rest] of Object.entries(REST)) {
    const stray = 0.06 * Math.abs(random.normal());
    const pull = ways.reduce((sum, { way, strength }) => sum + strength * (way[muscle] ?? rest), 0);
    pose[muscle] = clamp(pull * (1 + 0.12 * random.normal()) + stray);
  }
  return pose;
}

/** How a head is held in a picture. @param {import('../../dist/base/random.js').RandomStream} random */
export function bearing(random) {
  return {
    blink: 0,
    gaze: 0.25 * random.normal(),
    turn: Math.max(-1, Math.min(1, 0.4 * random.normal())),
    tilt: 3.5 * random.normal(),
    x: 5 * random.normal(),
    y: 4 * random.normal(),
    size: 0.96 + 0.08 * random.uniform(),
  };
}

/**
 * The pose of one frame of an utterance: the expression swells and ebbs, the mouth follows the voice, the eyes blink.
 * @param {ReturnType<typeof expression>} peak @param {ReturnType<typeof bearing>} held
 * @param {number} part where in the utterance, 0 … 1 @param {number} loudness of the voice there, 0 … 1
 * @param {import('../../dist/base/random.js').RandomStream} random
 */
export function framePose(peak, held, part, loudness, random) {
  const swell = 0.6 + 0.4 * Math.sin(Math.PI * Math.min(1, part * 1.15));
  const pose = { ...held };
  for (const [muscle, value] of Object.entries(peak)) pose[muscle] = value * swell;
  pose.jaw = clamp(pose.jaw + 0.32 * loudness);
  pose.press *= 1 - loudness;
  pose.blink = random.uniform() < 0.07 ? 0.9 : 0;
  pose.tilt += 0.9 * random.normal();
  pose.x += 1.2 * random.normal();
  pose.y += 1.2 * random.normal() - 2 * loudness;
  return pose;
}

function clamp(value) {
  return Math.max(0, Math.min(1, value));
}
