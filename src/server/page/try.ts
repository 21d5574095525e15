import { createHash } from 'node:crypto';
import { pageScript } from '../../base/pageScript.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; }
label { display: block; margin: .8rem 0 .2rem; }
textarea, input, select { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem; }
textarea { min-height: 9rem; }
button { font: inherit; margin-top: .8rem; padding: .4rem 1rem; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid; vertical-align: top; }
td.sure { white-space: nowrap; }
[role=alert] { color: #b00020; }
@media (prefers-color-scheme: dark) { [role=alert] { color: #ff8a80; } }
small { display: block; margin-top: 2rem; }
`;

const BODY = `
<main>
<h1>vega-merc: try the server</h1>
<form id="ask">
<label for="model">Model</label><select id="model"></select>
<label for="words">A conversation, a line an utterance: <i>Name: words</i></label>
<textarea id="words" spellcheck="false">Ann: You came!
Bo: I had to. I missed you so much.</textarea>
<label for="recording">Or a recording (and, if there is one, its transcript as SRT or WebVTT)</label>
<input id="recording" type="file" accept="audio/*,video/*"><input id="transcript" type="file" accept=".srt,.vtt" aria-label="Transcript">
<label for="token">Token, where the server wants one</label><input id="token" type="password" autocomplete="off">
<button>Predict</button>
</form>
<p id="state" role="status"></p><p id="problem" role="alert"></p>
<div id="answer"></div>
<p><a href="openapi.json">openapi.json</a></p>
<small>What you give goes to this server and nowhere else. A model guesses from words, voice and face; it knows nothing of
what a person feels. Inferring emotions at work and in education is prohibited in the EU (AI Act, Article 5(1)(f)); people
must be told (Article 50(3)).</small>
</main>`;

let made: { html: string; policy: string } | undefined;

/** A page to try the server with: all of it in one file, and nothing of another host. */
export function tryPage(): Response {
  made ??= make();
  return new Response(made.html, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': made.policy },
  });
}

function make(): { html: string; policy: string } {
  const script = pageScript('server/page/try');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>vega-merc</title>
<style>${STYLE}</style></head><body>${BODY}<script>${script}</script></body></html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(STYLE)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
