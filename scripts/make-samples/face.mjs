// The project's own parametric drawing of a face: a look (who) and a pose (what the muscles do) become an SVG.

/** Side of the drawing, in its own units. */
export const CANVAS = 320;

/**
 * @typedef {object} Look who is drawn; the fields of an entry of samples/people.json
 * @property {string} skin @property {string} hair @property {string} eyes @property {string} lips
 * @property {string} clothes @property {string} wall colours, #rrggbb
 * @property {'short'|'long'|'bob'|'bun'|'curly'|'bald'} style of the hair
 * @property {number} width @property {number} brow factors around 1: of the face's width, of the brows' thickness
 * @property {number} age 0 … 1: how deep the lines are
 * @property {boolean} [beard] @property {boolean} [glasses]
 */

/**
 * The muscles, 0 … 1, by their numbers in the Facial Action Coding System, and how the head is held.
 * @typedef {object} Pose
 * @property {number} innerBrow AU1 @property {number} outerBrow AU2 @property {number} browLower AU4
 * @property {number} lidRaise AU5 @property {number} cheek AU6 @property {number} lidTighten AU7
 * @property {number} noseWrinkle AU9 @property {number} upperLip AU10 @property {number} smile AU12
 * @property {number} frown AU15 @property {number} stretch AU20 @property {number} press AU24
 * @property {number} jaw AU26
 * @property {number} blink 0 open … 1 shut @property {number} gaze -1 … 1, sideways
 * @property {number} turn -1 … 1, the head sideways @property {number} tilt degrees
 * @property {number} x @property {number} y shift, in drawing units @property {number} size factor around 1
 */

/** @param {Look} look @param {Pose} pose @returns {string} an SVG document of CANVAS x CANVAS units */
export function drawFace(look, pose) {
  const dark = mix(look.skin, '#3a1208', 0.45);
  const light = mix(look.skin, '#ffffff', 0.35);
  const middle = 160 + 9 * pose.turn;
  const ink = { look, pose, dark, light, middle };
  const head =
    hairBehind(ink) + neck(ink) + skull(ink) + shadows(ink) + creases(ink) + nose(ink) + mouth(ink) + eyes(ink);
  const move = `translate(${n(160 + pose.x)} ${n(170 + pose.y)}) rotate(${n(pose.tilt)}) scale(${n(pose.size)}) translate(-160 -170)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CANVAS}" height="${CANVAS}" viewBox="0 0 ${CANVAS} ${CANVAS}">
<defs>
<radialGradient id="skin" cx="0.42" cy="0.36" r="0.72"><stop offset="0" stop-color="${light}"/><stop offset="0.45" stop-color="${look.skin}"/><stop offset="1" stop-color="${mix(look.skin, '#2a0d05', 0.42)}"/></radialGradient>
<linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${mix(look.wall, '#ffffff', 0.25)}"/><stop offset="1" stop-color="${mix(look.wall, '#000000', 0.3)}"/></linearGradient>
<linearGradient id="hair" x1="0" y1="0" x2="0.3" y2="1"><stop offset="0" stop-color="${mix(look.hair, '#ffffff', 0.22)}"/><stop offset="1" stop-color="${mix(look.hair, '#000000', 0.35)}"/></linearGradient>
<filter id="soft" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="5"/></filter>
<filter id="fine" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="1.6"/></filter>
</defs>
<rect width="${CANVAS}" height="${CANVAS}" fill="url(#wall)"/>
<g transform="${move}">${head}${hairBefore(ink)}</g>
</svg>`;
}

function neck({ look, dark }) {
  return (
    path('M20 420 C34 300 100 284 128 272 L192 272 C220 284 286 300 300 420 Z', look.clothes) +
    path('M126 225 L126 272 Q160 305 194 272 L194 225 Z', mix(look.skin, '#2a0d05', 0.28)) +
    ellipse(160, 262, 42, 16, dark, 'filter="url(#soft)" opacity="0.55"')
  );
}

/** Outline of the face: the jaw drops the chin. */
function outline({ look, pose }) {
  const w = 70 * look.width;
  const chin = 266 + 13 * pose.jaw;
  return `M${n(160 - w)} 150 C${n(160 - w)} 85 ${n(160 - w * 0.62)} 62 160 62 C${n(160 + w * 0.62)} 62 ${n(160 + w)} 85 ${n(160 + w)} 150 C${n(160 + w)} 205 ${n(160 + w * 0.66)} ${n(chin - 12)} ${n(160 + 16)} ${n(chin)} Q160 ${n(chin + 3)} ${n(160 - 16)} ${n(chin)} C${n(160 - w * 0.66)} ${n(chin - 12)} ${n(160 - w)} 205 ${n(160 - w)} 150 Z`;
}

function skull(ink) {
  const { look, dark } = ink;
  const w = 70 * look.width;
  const ear = (side) =>
    ellipse(160 + side * (w + 1), 166, 9, 19, mix(look.skin, '#2a0d05', 0.2)) +
    ellipse(160 + side * (w + 1), 166, 4, 11, dark, 'opacity="0.45"');
  return ear(-1) + ear(1) + path(outline(ink), 'url(#skin)');
}

/** Light from above and the left: sockets, cheeks, beneath the lip, stubble and beard. */
function shadows({ look, pose, dark, light, middle }) {
  const soft = (o) => `filter="url(#soft)" opacity="${n(o)}"`;
  const w = look.width;
  let out = '';
  for (const side of [-1, 1]) {
    out += ellipse(middle + side * 31 * w, 146, 21, 12, dark, soft(0.38 + 0.2 * pose.browLower));
    out += ellipse(middle + side * 44 * w, 192 - 5 * pose.cheek, 16, 11, mix(look.skin, '#d0433a', 0.35), soft(0.45));
    out += ellipse(middle + side * 38 * w, 184 - 4 * pose.cheek, 13, 7, light, soft(0.25 + 0.4 * pose.cheek));
  }
  out += ellipse(middle + 46 * w, 205, 20, 40, dark, soft(0.32));
  out += ellipse(middle, 238 + 10 * pose.jaw, 17, 5, dark, soft(0.45));
  out += ellipse(middle - 8, 100, 34, 14, light, soft(0.35));
  if (look.beard) {
    const y = 11 * pose.jaw;
    out += path(
      `M${n(160 - 66 * w)} 178 C${n(160 - 60 * w)} 215 ${n(160 - 45 * w)} 200 ${n(middle - 30)} 200 Q${n(middle)} 190 ${n(middle + 30)} 200 C${n(160 + 45 * w)} 200 ${n(160 + 60 * w)} 215 ${n(160 + 66 * w)} 178 C${n(160 + 66 * w)} 235 ${n(160 + 40 * w)} ${n(270 + y)} 160 ${n(273 + y)} C${n(160 - 40 * w)} ${n(270 + y)} ${n(160 - 66 * w)} 235 ${n(160 - 66 * w)} 178 Z`,
      look.hair,
      'filter="url(#fine)" opacity="0.78"',
    );
  }
  return out;
}

/** Lines that the muscles fold into the skin: forehead, between the brows, beside the nose and the mouth. */
function creases({ look, pose, dark, middle }) {
  const line = (d, strength) =>
    strength < 0.04
      ? ''
      : `<path d="${d}" fill="none" stroke="${dark}" stroke-width="2.2" stroke-linecap="round" opacity="${n(Math.min(0.85, strength))}"/>`;
  const raised = 0.7 * Math.max(pose.innerBrow, pose.outerBrow) + 0.25 * look.age;
  let out = '';
  for (const y of [92, 101, 110]) {
    const bow = 6 * pose.outerBrow - 6 * pose.innerBrow * (1 - pose.outerBrow);
    out += line(`M${n(middle - 34)} ${y} Q${n(middle)} ${n(y - bow)} ${n(middle + 34)} ${y}`, raised * 0.7);
  }
  for (const side of [-1, 1]) {
    out += line(
      `M${n(middle + side * 6)} 122 Q${n(middle + side * 4)} 132 ${n(middle + side * 6)} 139`,
      pose.browLower * 0.9,
    );
    out += line(
      `M${n(middle + side * 7)} 152 Q${n(middle + side * 13)} 158 ${n(middle + side * 17)} 170`,
      pose.noseWrinkle * 0.9,
    );
    const fold = Math.max(0.9 * pose.smile, 0.9 * pose.noseWrinkle, 0.7 * pose.upperLip, 0.4 * pose.frown);
    const out1 = 15 + 10 * pose.smile;
    out += line(
      `M${n(middle + side * 17)} ${n(186 - 4 * pose.noseWrinkle)} Q${n(middle + side * (26 + out1 * 0.5))} ${n(194 - 3 * pose.smile)} ${n(middle + side * (24 + out1))} ${n(216 - 3 * pose.smile)}`,
      0.18 + 0.25 * look.age + 0.5 * fold,
    );
    out += line(
      `M${n(middle + side * 20)} 168 Q${n(middle + side * 32)} ${n(174 - 3 * pose.cheek)} ${n(middle + side * 46)} 166`,
      0.12 + 0.3 * look.age + 0.45 * pose.cheek,
    );
    for (const slope of [-4, 1, 6]) {
      const x = middle + side * 52 * look.width;
      out += line(
        `M${n(x)} ${152 + slope} L${n(x + side * 8)} ${152 + slope * 2}`,
        0.2 * look.age + 0.5 * pose.cheek * pose.smile,
      );
    }
  }
  return out;
}

function nose({ look, pose, dark, light, middle }) {
  const up = 4 * pose.noseWrinkle;
  const base = 194 - up;
  const tip = middle + 3 * pose.turn;
  return (
    path(
      `M${n(middle + 4)} 140 L${n(tip + 15)} ${n(base - 4)} Q${n(tip + 6)} ${n(base + 5)} ${n(tip)} ${n(base + 2)} Z`,
      dark,
      'filter="url(#fine)" opacity="0.33"',
    ) +
    ellipse(tip - 2, base - 12, 6, 8, light, 'filter="url(#fine)" opacity="0.6"') +
    path(
      `M${n(middle - 3)} 142 L${n(tip - 5)} ${n(base - 16)} L${n(tip + 1)} ${n(base - 16)} L${n(middle + 2)} 142 Z`,
      light,
      'filter="url(#fine)" opacity="0.45"',
    ) +
    ellipse(tip - 13, base - 4, 5.5 + pose.noseWrinkle, 6, look.skin, 'opacity="0.8"') +
    ellipse(tip - 7, base, 4.2 + pose.noseWrinkle, 2.6, mix(dark, '#000000', 0.4), 'opacity="0.8"') +
    ellipse(tip + 7, base, 4.2 + pose.noseWrinkle, 2.6, mix(dark, '#000000', 0.4), 'opacity="0.8"') +
    `<path d="M${n(tip - 18)} ${n(base - 8)} Q${n(tip - 20)} ${n(base + 2)} ${n(tip - 11)} ${n(base + 1)} M${n(tip + 18)} ${n(base - 8)} Q${n(tip + 20)} ${n(base + 2)} ${n(tip + 11)} ${n(base + 1)} M${n(tip - 5)} ${n(base + 3)} Q${n(tip)} ${n(base + 6)} ${n(tip + 5)} ${n(base + 3)}" fill="none" stroke="${dark}" stroke-width="2" opacity="0.65"/>`
  );
}

function mouth({ look, pose, dark, middle }) {
  const c = middle + 2 * pose.turn;
  const gap = 30 * pose.jaw + 5 * pose.upperLip + 4 * pose.stretch;
  const round = pose.jaw * (1 - pose.smile) * (1 - pose.stretch);
  const w = 26 * (1 + 0.36 * pose.smile + 0.3 * pose.stretch - 0.12 * pose.press - 0.3 * round);
  const corner = 217 - 13 * pose.smile + 9 * pose.frown + 3 * pose.stretch + 0.35 * gap * (1 - pose.smile);
  const upper = 216 - 4 * pose.upperLip + 2 * pose.smile - 2 * pose.frown; // lower edge of the upper lip
  const lower = upper + gap; // upper edge of the lower lip
  const thin = 1 - 0.65 * pose.press - 0.25 * pose.smile;
  const top = upper - 7 * thin - 1 * pose.upperLip;
  const bottom = lower + 9 * thin + 2 * pose.frown;
  const outer = `M${n(c - w)} ${n(corner)} C${n(c - w * 0.6)} ${n((corner + top) / 2 - 3)} ${n(c - 9)} ${n(top - 3)} ${n(c - 4)} ${n(top - 1)} Q${n(c)} ${n(top + 2)} ${n(c + 4)} ${n(top - 1)} C${n(c + 9)} ${n(top - 3)} ${n(c + w * 0.6)} ${n((corner + top) / 2 - 3)} ${n(c + w)} ${n(corner)} C${n(c + w * 0.75)} ${n((corner + bottom) / 2 + 4)} ${n(c + w * 0.4)} ${n(bottom)} ${n(c)} ${n(bottom)} C${n(c - w * 0.4)} ${n(bottom)} ${n(c - w * 0.75)} ${n((corner + bottom) / 2 + 4)} ${n(c - w)} ${n(corner)} Z`;
  const bowTo = (y) => n(2 * y - corner);
  const inner = `M${n(c - w * 0.93)} ${n(corner)} Q${n(c)} ${bowTo(upper)} ${n(c + w * 0.93)} ${n(corner)} Q${n(c)} ${bowTo(lower)} ${n(c - w * 0.93)} ${n(corner)} Z`;
  let out =
    path(outer, look.lips) +
    ellipse(c - 3, lower + 4.5 * thin, w * 0.35, 2, '#ffffff', 'filter="url(#fine)" opacity="0.3"');
  if (gap > 2.5) {
    const shown = Math.min(9, 3 + gap * 0.4);
    out += `<clipPath id="inside"><path d="${inner}"/></clipPath><g clip-path="url(#inside)">${path(inner, '#3b0f12')}`;
    out += ellipse(c, lower + 2, w * 0.5, gap * 0.3, '#a8484d');
    out += `<rect x="${n(c - w)}" y="${n(Math.min(corner, upper) - 6)}" width="${n(2 * w)}" height="${n(shown + 6 + Math.max(0, upper - corner))}" fill="#f4efe6"/>`;
    if (pose.stretch > 0.3)
      out += `<rect x="${n(c - w)}" y="${n(lower - 5)}" width="${n(2 * w)}" height="12" fill="#e6dfd4"/>`;
    out += '</g>';
  } else {
    out += `<path d="M${n(c - w * 0.97)} ${n(corner)} Q${n(c)} ${bowTo(upper + gap / 2)} ${n(c + w * 0.97)} ${n(corner)}" fill="none" stroke="${mix(look.lips, '#1a0505', 0.65)}" stroke-width="2.6" stroke-linecap="round"/>`;
  }
  for (const side of [-1, 1])
    out += ellipse(c + side * (w + 2), corner + 1, 4, 3.5, dark, 'filter="url(#fine)" opacity="0.5"');
  return out;
}

function eyes(ink) {
  return [-1, 1].map((side) => eye(ink, side) + brow(ink, side)).join('') + (ink.look.glasses ? glasses(ink) : '');
}

function eye({ look, pose, dark, middle }, side) {
  const c = middle + side * 31 * look.width;
  const y = 152;
  const open = 1 - pose.blink;
  const droop = 1.6 * pose.frown * pose.innerBrow;
  const up = Math.max(
    0.6,
    open *
      (8.2 +
        5.5 * pose.lidRaise -
        2.2 * pose.lidTighten -
        1.6 * pose.cheek -
        1.3 * pose.browLower -
        2 * pose.noseWrinkle -
        droop),
  );
  const down = Math.max(
    0.5,
    open * (5.6 + 1.4 * pose.lidRaise - 2.2 * pose.cheek - 1.8 * pose.lidTighten - 1.6 * pose.noseWrinkle),
  );
  const a = c - side * 16;
  const b = c + side * 16;
  const ya = y + 2;
  const yb = y - 1 + droop;
  const lid = `M${n(a)} ${n(ya)} C${n(a + side * 6)} ${n(y - up * 1.25)} ${n(b - side * 8)} ${n(y - up * 1.3)} ${n(b)} ${n(yb)}`;
  const white = `${lid} C${n(b - side * 7)} ${n(y + down * 1.25)} ${n(a + side * 8)} ${n(y + down * 1.3)} ${n(a)} ${n(ya)} Z`;
  const iris = c + 5 * pose.gaze + 2 * pose.turn;
  const id = side < 0 ? 'l' : 'r';
  const crease = y - up * 1.1 - 4;
  return (
    `<clipPath id="${id}"><path d="${white}"/></clipPath><g clip-path="url(#${id})">${path(white, '#f3efea')}` +
    ellipse(iris, y - 1, 7.6, 7.8, look.eyes) +
    ellipse(iris, y - 1, 7.6, 7.8, 'none', `stroke="${mix(look.eyes, '#000000', 0.6)}" stroke-width="1.4"`) +
    ellipse(iris, y - 1, 3.4, 3.4, '#0d0908') +
    ellipse(iris - 2.4, y - 3.6, 1.7, 1.7, '#ffffff') +
    ellipse(c, y - up, 16, 3.4, '#000000', 'filter="url(#fine)" opacity="0.35"') +
    `</g><path d="${lid}" fill="none" stroke="${mix(dark, '#000000', 0.7)}" stroke-width="3" stroke-linecap="round"/>` +
    `<path d="M${n(b)} ${n(yb)} C${n(b - side * 7)} ${n(y + down * 1.25)} ${n(a + side * 8)} ${n(y + down * 1.3)} ${n(a)} ${n(ya)}" fill="none" stroke="${dark}" stroke-width="1.4" opacity="0.8"/>` +
    `<path d="M${n(a + side * 2)} ${n(crease + 4)} Q${n(c)} ${n(crease - 4)} ${n(b)} ${n(crease + 5 + droop)}" fill="none" stroke="${dark}" stroke-width="1.6" opacity="0.6"/>`
  );
}

function brow({ look, pose, middle }, side) {
  const c = middle + side * 31 * look.width;
  const thick = 4.2 * look.brow;
  const xi = c - side * (17 + 5 * pose.browLower);
  const yi = 131 - 13 * pose.innerBrow + 10 * pose.browLower + 3 * pose.noseWrinkle;
  const xm = c + side * 4;
  const ym = 124 - 8 * pose.outerBrow - 4 * pose.innerBrow + 6 * pose.browLower + 2 * pose.noseWrinkle;
  const xo = c + side * 23;
  const yo = 133 - 9 * pose.outerBrow + 2 * pose.browLower;
  const d = `M${n(xi)} ${n(yi - thick)} Q${n(xm)} ${n(ym - thick)} ${n(xo)} ${n(yo)} Q${n(xm)} ${n(ym + thick)} ${n(xi)} ${n(yi + thick)} Q${n(xi - side * 3)} ${n(yi)} ${n(xi)} ${n(yi - thick)} Z`;
  return path(d, mix(look.hair, '#20130c', 0.35), 'opacity="0.92"');
}

function glasses({ look, middle }) {
  const rim = (side) =>
    `<rect x="${n(middle + side * 31 * look.width - 23)}" y="136" width="46" height="36" rx="13" fill="#ffffff" fill-opacity="0.06" stroke="#2b2b30" stroke-width="3"/>`;
  return `${rim(-1)}${rim(1)}<path d="M${n(middle - 8)} 150 Q${n(middle)} 145 ${n(middle + 8)} 150" fill="none" stroke="#2b2b30" stroke-width="3"/>`;
}

function hairBehind({ look }) {
  const w = 70 * look.width;
  const l = 160 - w;
  const r = 160 + w;
  const shape = {
    long: `M${n(l - 14)} 150 C${n(l - 18)} 40 ${n(r + 18)} 40 ${n(r + 14)} 150 C${n(r + 18)} 220 ${n(r + 12)} 270 ${n(r + 18)} 310 L${n(l - 18)} 310 C${n(l - 12)} 270 ${n(l - 18)} 220 ${n(l - 14)} 150 Z`,
    bob: `M${n(l - 13)} 150 C${n(l - 16)} 40 ${n(r + 16)} 40 ${n(r + 13)} 150 C${n(r + 17)} 200 ${n(r + 10)} 230 ${n(r - 8)} 244 L${n(l + 8)} 244 C${n(l - 10)} 230 ${n(l - 17)} 200 ${n(l - 13)} 150 Z`,
    bun: `M160 20 C188 20 192 52 172 60 L148 60 C128 52 132 20 160 20 Z`,
    curly: curls(look),
  }[look.style];
  return shape === undefined ? '' : path(shape, 'url(#hair)');
}

function curls(look) {
  const w = 70 * look.width;
  let d = '';
  for (let k = 0; k <= 14; k++) {
    const angle = Math.PI * (1.12 + (k / 14) * -1.24);
    const x = 160 + (w + 6) * Math.cos(angle);
    const y = 132 - 76 * Math.sin(angle);
    d += `M${n(x - 19)} ${n(y)} a19 19 0 1 0 38 0 a19 19 0 1 0 -38 0 Z `;
  }
  return d;
}

function hairBefore({ look }) {
  const w = 70 * look.width;
  const l = n(160 - w - 3);
  const r = n(160 + w + 3);
  const lock = (fringe) =>
    `M${l} 156 C${n(160 - w - 10)} 70 ${n(160 - w * 0.6)} 42 160 42 C${n(160 + w * 0.6)} 42 ${n(160 + w + 10)} 70 ${r} 156 ${fringe} Z`;
  const fringe = {
    short: `C${n(160 + w - 4)} 118 ${n(160 + w * 0.8)} 96 ${n(160 + w * 0.5)} 90 Q160 74 ${n(160 - w * 0.55)} 92 C${n(160 - w * 0.85)} 100 ${n(160 - w + 4)} 120 ${l} 156`,
    long: `C${n(160 + w - 2)} 110 ${n(160 + w * 0.6)} 84 ${n(150)} 72 C${n(160 - w * 0.5)} 88 ${n(160 - w + 2)} 112 ${l} 156`,
    bob: `C${n(160 + w - 4)} 124 ${n(160 + w * 0.8)} 104 ${n(160 + w * 0.6)} 100 Q150 84 ${n(160 - w * 0.3)} 78 C${n(160 - w * 0.7)} 92 ${n(160 - w + 3)} 116 ${l} 156`,
    bun: `C${n(160 + w - 4)} 112 ${n(160 + w * 0.6)} 80 160 78 C${n(160 - w * 0.6)} 80 ${n(160 - w + 4)} 112 ${l} 156`,
    curly: `C${n(160 + w - 8)} 110 ${n(160 + w * 0.7)} 92 ${n(160 + w * 0.45)} 96 Q${n(160 + w * 0.2)} 80 160 92 Q${n(160 - w * 0.2)} 80 ${n(160 - w * 0.45)} 96 C${n(160 - w * 0.7)} 92 ${n(160 - w + 8)} 110 ${l} 156`,
  }[look.style];
  return fringe === undefined ? '' : path(lock(fringe), 'url(#hair)');
}

function path(d, fill, more = '') {
  return `<path d="${d}" fill="${fill}" ${more}/>`;
}

function ellipse(x, y, rx, ry, fill, more = '') {
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}" ${more}/>`;
}

/** A number as SVG takes it: two decimals are finer than a pixel. */
function n(value) {
  return Number(value.toFixed(2));
}

/** A colour between two: `share` of b in a. */
function mix(a, b, share) {
  const at = (hex, i) => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const channel = (i) =>
    Math.round(at(a, i) * (1 - share) + at(b, i) * share)
      .toString(16)
      .padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}
