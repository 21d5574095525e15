// The whole page of an application: opens a model, predicts conversations and talks live.
import { open } from 'vega-merc/web';

const model = await open('run', { threads: 1 });
const conversations = await (await fetch('conversations.json')).json();
const answers = [];
for (const conversation of conversations) answers.push(await model.predict(conversation));
const live = model.live();
const said = [];
for (const utterance of conversations[0]) said.push(await live.say(utterance));
window.result = { classes: model.classes, answers, said };
