/** Script of the inspection page: switches maps, hides classes, zooms, shows the face under the pointer. */

/** A point or a centre, and where it is on each map. */
interface Thing {
  node: Element;
  places: string[];
}

interface View {
  x: number;
  y: number;
  width: number;
  height: number;
}

function element<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** Buttons that move everything to another map. */
function switchMaps(svg: SVGSVGElement): void {
  const things = [...svg.querySelectorAll<SVGElement>('.point,.centre')].map(
    (node): Thing => ({ node, places: (node.dataset.places ?? '').split(' ') }),
  );
  const buttons = document.querySelectorAll<HTMLElement>('[data-map]');
  const show = (index: string) => {
    for (const { node, places } of things) {
      node.setAttribute('transform', `translate(${places[Number(index)].replace(',', ' ')})`);
    }
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.map === index));
    for (const text of document.querySelectorAll<HTMLElement>('[data-note]')) text.hidden = text.dataset.note !== index;
  };
  for (const button of buttons) button.addEventListener('click', () => show(button.dataset.map ?? '0'));
}

/** Boxes that hide classes. */
function hideClasses(svg: SVGSVGElement): void {
  for (const box of document.querySelectorAll<HTMLInputElement>('[data-class]')) {
    box.addEventListener('change', () => {
      for (const node of svg.querySelectorAll<SVGElement>(`.c${box.dataset.class}`)) {
        node.style.display = box.checked ? '' : 'none';
      }
    });
  }
}

/** The wheel zooms, the pointer drags, a slider sets the size of faces. */
function zoom(svg: SVGSVGElement): void {
  const { x, y, width, height } = svg.viewBox.baseVal;
  const home: View = { x, y, width, height };
  const size = element<HTMLInputElement>('#size');
  let view = { ...home };
  const apply = () => {
    svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '));
    // Faces grow slower than the map, so that zooming in pulls them apart.
    svg.style.setProperty('--size', String(Number(size.value) * Math.sqrt(view.width / home.width)));
  };
  size.addEventListener('input', apply);
  element('#reset').addEventListener('click', () => {
    view = { ...home };
    apply();
  });
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    const wanted = view.width * Math.exp(event.deltaY * 0.0015);
    const width = Math.min(home.width * 1.5, Math.max(home.width / 40, wanted));
    const height = (width * home.height) / home.width;
    view = { x: view.x + (view.width - width) * across, y: view.y + (view.height - height) * down, width, height };
    apply();
  };
  svg.addEventListener('wheel', onWheel, { passive: false });
  let last: PointerEvent | undefined;
  svg.addEventListener('pointerdown', (event) => {
    last = event;
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener('pointerup', () => {
    last = undefined;
  });
  svg.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const scale = view.width / svg.getBoundingClientRect().width;
    const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
    view = { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
    last = event;
    apply();
  });
}

/** A box with the face under the pointer, and what it is. */
function showDetail(svg: SVGSVGElement): void {
  const detail = element<HTMLElement>('#detail');
  const [picture, words] = [element<HTMLImageElement>('#detail img'), element<HTMLElement>('#detail div')];
  svg.addEventListener('pointerover', (event) => {
    const point = (event.target as Element).closest<SVGElement>('.point');
    detail.hidden = point === null;
    if (point === null) return;
    // To the front, and the detail to the other side.
    svg.insertBefore(point, svg.querySelector('.centre'));
    const box = svg.getBoundingClientRect();
    detail.classList.toggle('right', event.clientX < box.left + box.width / 2);
    const href = point.querySelector('image')?.getAttribute('href');
    if (href == null) picture.removeAttribute('src');
    else picture.src = href;
    words.textContent = point.dataset.text ?? '';
  });
  svg.addEventListener('pointerleave', () => {
    detail.hidden = true;
  });
}

const svg = document.querySelector<SVGSVGElement>('svg#map');
if (svg !== null) for (const part of [switchMaps, hideClasses, zoom, showDetail]) part(svg);
