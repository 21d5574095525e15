/** Every word of the studio, so that it can be spoken in another language. */
const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export const S = {
  studio: 'studio',
  skip: 'To the conversation',
  views: 'Views',
  cancel: 'Cancel',
  close: 'Close',
  noServer: 'This needs the local server: start it with “vega-merc studio”.',
  serverSays: (status: number) => `The local server answers ${status}.`,
  view: {
    conversation: 'Conversation',
    compare: 'Compare',
    label: 'Label',
    runs: 'Runs',
  },
  tabs: { utterance: 'Utterance', whatIf: 'What if' },
  modality: { text: 'text', audio: 'voice', visual: 'face' },
  model: {
    label: 'Model',
    opening: 'Opening the model …',
    none: 'No model is here. Start the studio with one: vega-merc studio RUN.',
    synthetic: 'This model was trained on a synthetic corpus: its answers mean nothing.',
    notes: (count: number) => `What to know of this model (${count})`,
  },
  device: { label: 'Computed on', wasm: 'processor', webgpu: 'graphics card' },
  theme: { label: 'Light or dark', system: 'as the system', light: 'light', dark: 'dark' },
  notice: {
    button: 'What it can know',
    title: 'What this model can and cannot know',
    parts: [
      {
        title: 'It guesses what others would call it',
        text: 'The model was trained on labels that people gave to what other people said. It says which label a rater would likely give to words, a voice and a face. It does not know what somebody feels, and nobody can read that off reliably: people differ, cultures differ, and a face is not a feeling.',
      },
      {
        title: 'How sure it is',
        text: 'Its confidence holds for conversations like those that it was trained on. Elsewhere it may be sure and wrong. Hatched utterances are more likely wrong than right; “unfamiliar” ones lie far from everything that it has seen: do not trust what it says of them.',
      },
      {
        title: 'Where it may not be used',
        text: 'In the European Union the AI Act prohibits systems that infer emotions of people at work and in education, except for medical or safety reasons (Regulation (EU) 2024/1689, Article 5(1)(f)). Elsewhere, who uses such a system must tell the people who are exposed to it (Article 50(3)). Do not decide about anybody by what you see here.',
      },
      {
        title: 'What leaves this machine',
        text: 'Nothing. The page asks no other host than the one that it came from. Words and numbers are computed in this page; recordings are read by the server on this machine and deleted afterwards.',
      },
    ],
  },
  open: {
    file: 'Open …',
    paste: 'Paste a conversation',
    example: 'An example',
    clear: 'Clear',
    conversation: 'Conversation',
    pasted: 'pasted',
    nothing: (name: string) => `Nothing is said in ${name}.`,
    open: 'Open',
    pasteHelp: 'Lines such as “Ann: You came!”, a transcript (SRT, WebVTT), or JSONL with an utterance a line.',
    pastePlaceholder: 'Ann: You came!\nBo: I had to.',
    filesLeftOut: (count: number) =>
      `${plural(count, 'recording')} that its lines name cannot be read from here; words and rows are used.`,
    exampleName: 'example',
    exampleText: `Mia: You're home early.
Jon: They called me in this morning. I got the job!
Mia: You what? That's wonderful! I'm so happy for you!
Jon: I start on Monday. In Lisbon.
Mia: Lisbon. You never said anything about Lisbon.
Jon: I wasn't sure that I would get it.
Mia: So you decided that without me. Again!
Jon: I'm sorry. I was afraid of this talk.
Mia: I don't even know what to say.`,
  },
  compose: {
    title: 'Say something',
    speaker: 'Speaker',
    someone: 'someone',
    words: 'Words',
    placeholder: 'Type what is said; Enter says it',
    say: 'Say',
  },
  talk: {
    timeline: 'Timeline',
    timelineHelp: 'Timeline: every utterance is a button; arrow keys go from one to the next',
    transcript: 'What was said',
    side: 'About the chosen utterance',
    emptyTitle: 'A conversation, please',
    empty:
      'Type what is said below, one speaker after the other. Or drop a transcript, JSONL or a recording anywhere on this page.',
    nobody: 'someone',
    noWords: '(no words)',
    thinking: 'thinking …',
    uncertain: 'uncertain',
    unfamiliar: 'unfamiliar',
    slot: (number: number, speaker: string, words: string, said: string) =>
      `${number}, ${speaker}: ${words || '(no words)'} – ${said}`,
    wordsOf: (number: number, speaker: string) => `Words of utterance ${number}, ${speaker}`,
    choose: (number: number) => `Choose utterance ${number}`,
    remove: (number: number) => `Remove utterance ${number}`,
  },
  utterance: {
    title: 'The chosen utterance',
    confident: 'likely right',
    zeroShot: 'zero-shot, not calibrated',
    uncertain: 'Uncertain: this is more likely wrong than right.',
    unfamiliar: (what: string) => `Unfamiliar: its ${what} lies far from all that the model was trained on.`,
    missing: (modality: string, why: string) => `No ${modality}: it ${why}.`,
    heads: 'What each part says',
    headsNote: 'Per cent. The class head decides; the anchor head compares with faces; then each modality by itself.',
    emotion: 'Emotion',
    classHead: 'class head',
    anchorHead: 'anchor head',
    shares: 'How much each weighed',
    faces: 'Faces that it lies next to',
    facesNote: 'The exemplars nearest to what the model made of the utterance, with their cosines.',
    faceOf: (emotion: string) => `a face: ${emotion}`,
    map: 'Among the faces',
    mapLabel: 'Map of the faces that the model compares with, and of this utterance among them',
    mapNote: (across: number, up: number) =>
      `The plane in which the faces differ most: across ${across} %, upwards ${up} % of their variance. Diamonds are classes, the ring is this utterance.`,
    attended: 'What it looked at',
    attendedNote: 'The utterances with the largest attention weights; arcs on the timeline.',
  },
  whatIf: {
    about: 'Change something, and see what the model would have said. The conversation itself stays as it is.',
    modalities: 'What the model may use',
    utterance: (number: number) => `Utterance ${number}`,
    drop: 'was never said',
    words: 'with other words',
    changes: 'What changes',
    changed: (others: number, all: number) =>
      others === 0
        ? `No answer of ${all} becomes another.`
        : `${others} of ${plural(all, 'answer')} become${others === 1 ? 's' : ''} another.`,
    before: 'before',
    after: 'after',
    moved: 'moved',
    show: (number: number) => `Show utterance ${number}`,
    reset: 'As it was',
    timeline: 'Timeline, if it were so',
    was: (emotion: string) => `was ${emotion}`,
  },
  faces: {
    title: 'Other faces for the classes',
    about:
      'Drag a face to another class, or choose it and say where it goes. The anchor head then answers among the classes as their faces now are (zero-shot).',
    noServer: 'Your own pictures need the local server (“vega-merc studio”), which turns them into numbers.',
    count: (count: number) => plural(count, 'face'),
    swap: (name: string) => `swap with ${name}`,
    remove: (name: string) => `Leave out ${name}`,
    face: (name: string, number: number) => `Face ${number} of ${name}`,
    moveTo: 'Move the chosen face to',
    moveHere: 'Move the chosen face here',
    newClass: 'Another class',
    add: 'Add',
    emptyClass: 'has no face yet; drop one here',
    pictures: 'pictures …',
    picturesFor: (name: string) => `Pictures for ${name}`,
    tooFew: 'At least two classes need a face.',
  },
};
