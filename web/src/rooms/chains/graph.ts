import { readPalette } from '$lib/charts/palette';

import type { Dot } from './layout';

export interface View {
  dots: Dot[];
  width: number;
  height: number;
  /** Infected that a superspreader has more of. */
  above: number;
  label: (dot: Dot) => string;
}

const LARGEST_ZOOM = 8;
const LABELS_FROM = 1.6;
const LINE_PX = 14;
const DASHES: Record<string, number[]> = { confirmed: [], probable: [5, 3], possible: [1.5, 3] };

export interface Drawing {
  update: (view: View) => void;
  zoom: (by: number) => void;
  move: (x: number, y: number) => void;
  whole: () => void;
  /** The case under a point of the element. */
  at: (x: number, y: number) => Dot | null;
  dispose: () => void;
}

/** Draws chains on a canvas: thousands of dots are no work for it. */
export function drawGraph(canvas: HTMLCanvasElement): Drawing {
  let view: View = { dots: [], width: 0, height: 0, above: 0, label: () => '' };
  let byInfectees: Dot[] = [];
  let [scale, left, top] = [1, 0, 0];
  let waiting = 0;

  const size = (): [number, number] => [canvas.clientWidth, canvas.clientHeight];
  const fit = (): number => Math.min(size()[0] / (view.width || 1), size()[1] / (view.height || 1), 1.5);

  function paint(): void {
    waiting = 0;
    const [width, height] = size();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext('2d');
    if (!pen) return;
    const colours = readPalette(canvas.parentElement ?? canvas);
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * left, ratio * top);
    pen.lineWidth = Math.max(0.8, 1 / scale);
    pen.strokeStyle = colours['line-strong'];
    for (const [sure, dash] of Object.entries(DASHES)) {
      pen.setLineDash(dash);
      pen.beginPath();
      for (const { parent, node, x, y } of view.dots) {
        if (!parent || (node.certainty ?? 'possible') !== sure) continue;
        pen.moveTo(parent.x, parent.y);
        pen.lineTo(x, y);
      }
      pen.stroke();
    }
    pen.setLineDash([]);
    for (const { node, x, y, r } of view.dots) {
      pen.beginPath();
      pen.arc(x, y, r, 0, 2 * Math.PI);
      pen.fillStyle = node.infectees > view.above ? colours.accent : colours.surface;
      pen.fill();
      pen.strokeStyle = node.infector == null ? colours.ink : colours['ink-2'];
      pen.lineWidth = node.infector == null ? 2 : 1;
      pen.stroke();
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    pen.lineWidth = 3;
    pen.strokeStyle = colours.surface;
    pen.fillStyle = colours.ink;
    pen.textBaseline = 'middle';
    // A label that would lie on another is left out: those who infected most come first.
    const taken: [number, number, number][] = [];
    for (const dot of byInfectees) {
      if (dot.node.infectees <= view.above && scale < LABELS_FROM) continue;
      const label = view.label(dot);
      const wide = pen.measureText(label).width;
      const [x, y] = [dot.x * scale + left - wide / 2, (dot.y + dot.r) * scale + top + LINE_PX / 2];
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const until = x + wide;
      if (taken.some(([from, to, line]) => from < until && x < to && Math.abs(line - y) < LINE_PX)) continue;
      taken.push([x, until, y]);
      pen.strokeText(label, x, y);
      pen.fillText(label, x, y);
    }
    canvas.dataset.drawn = String(view.dots.length);
  }

  const redraw = (): void => {
    waiting ||= requestAnimationFrame(paint);
  };

  function whole(): void {
    scale = fit();
    left = (size()[0] - view.width * scale) / 2;
    top = (size()[1] - view.height * scale) / 2;
    redraw();
  }

  function zoomAt(by: number, x: number, y: number): void {
    const next = Math.min(LARGEST_ZOOM, Math.max(fit() / 2, scale * by));
    left = x - ((x - left) * next) / scale;
    top = y - ((y - top) * next) / scale;
    scale = next;
    redraw();
  }

  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoomAt(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - box.left, event.clientY - box.top);
  };
  canvas.addEventListener('wheel', wheel, { passive: false });
  const observer = new ResizeObserver(whole);
  observer.observe(canvas);

  return {
    update(next) {
      const same = next.dots === view.dots;
      view = next;
      byInfectees = [...next.dots].sort((one, other) => other.node.infectees - one.node.infectees);
      if (same) redraw();
      else whole();
    },
    zoom: (by) => zoomAt(by, size()[0] / 2, size()[1] / 2),
    move(x, y) {
      [left, top] = [left + x, top + y];
      redraw();
    },
    whole,
    at(x, y) {
      const [px, py] = [(x - left) / scale, (y - top) / scale];
      const near = view.dots
        .map((dot) => ({ dot, far: Math.hypot(dot.x - px, dot.y - py) - dot.r }))
        .filter(({ far }) => far * scale < 6)
        .sort((one, other) => one.far - other.far);
      return near[0]?.dot ?? null;
    },
    dispose() {
      observer.disconnect();
      canvas.removeEventListener('wheel', wheel);
      cancelAnimationFrame(waiting);
    },
  };
}
