// The whole page of an application: opens a model, predicts conversations, talks live, and answers among other classes by their faces;
// and the starter, by its URL.
import { open, parseAnchorFile } from 'vega-merc/web';

const model = await open('run', { threads: 1 });
const conversations = await (await fetch('conversations.json')).json();
const answers = [];
for (const conversation of conversations) answers.push(await model.predict(conversation));
const live = model.live();
const said = [];
for (const utterance of conversations[0]) said.push(await live.say(utterance));
const moods = new Uint8Array(await (await fetch('moods.anchors.safetensors')).arrayBuffer());
const other = await open('run', { threads: 1, faces: parseAnchorFile(moods, 'moods') });
const shot = await other.predict(conversations[0]);
const starter = await open(new URL('vega-merc-starter/model/', location.href), { threads: 1 });
const started = await starter.predict(await (await fetch('starter.json')).json());
window.result = { classes: model.classes, answers, said, shot, started };
