// Points on a canvas: drawing, zooming, moving, and finding what is under the pointer.

import { titled } from './text.js';

const MOST_ZOOM = 60;
const REACH = 14;

export class MapView {
  /** `tell` has `hovered(point, x, y)`, `chosen(point)` and `moved()`. */
  constructor(canvas, tell) {
    Object.assign(this, {
      canvas,
      tell,
      points: [],
      shown: [],
      marked: new Set(),
      selected: null,
      under: null,
      scale: 1,
      x: 0,
      y: 0,
    });
    this.pointers = new Map();
    new ResizeObserver(() => this.fit()).observe(canvas);
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...this.place(event));
      },
      { passive: false },
    );
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener('pointerleave', () => this.hover(null));
    canvas.addEventListener('keydown', (event) => this.key(event));
  }

  set(points) {
    const reach = (of) => points.reduce((most, point) => Math.max(most, Math.abs(point[of])), 1e-9);
    this.reach = [reach('x'), reach('y')];
    const most = Math.max(1, ...points.map(({ ratings }) => ratings));
    // From the least rated: the well known ones are on top.
    this.points = [...points].sort((a, b) => a.ratings - b.ratings);
    for (const point of this.points) point.size = 1.6 + 5 * Math.sqrt(point.ratings / most);
    this.filter(null);
  }

  filter(wanted) {
    this.wanted = wanted;
    this.shown = wanted ? this.points.filter(wanted) : this.points;
    this.draw();
  }

  mark(ids) {
    this.marked = ids;
    this.draw();
  }

  /** Fits the canvas to its box, which a hidden panel does not have. */
  fit() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width) return;
    const dots = devicePixelRatio || 1;
    Object.assign(this, { width, height, dots });
    Object.assign(this.canvas, { width: Math.round(width * dots), height: Math.round(height * dots) });
    this.draw();
    this.tell.moved();
  }

  at({ x, y }) {
    const [wide, high] = this.reach;
    return [
      this.width / 2 + this.x + (x / wide) * (this.width / 2 - 24) * this.scale,
      this.height / 2 + this.y - (y / high) * (this.height / 2 - 24) * this.scale,
    ];
  }

  inView() {
    if (!this.width) return [];
    return this.shown.filter((point) => {
      const [x, y] = this.at(point);
      return x >= 0 && y >= 0 && x <= this.width && y <= this.height;
    });
  }

  place({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  nearest(x, y) {
    let found = null;
    let least = REACH ** 2;
    for (const point of this.shown) {
      const [px, py] = this.at(point);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far <= least) [found, least] = [point, far];
    }
    return found;
  }

  zoom(by, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(MOST_ZOOM, Math.max(1, this.scale * by));
    const ratio = scale / this.scale;
    // What is under (x, y) remains there.
    this.x = x - this.width / 2 - (x - this.width / 2 - this.x) * ratio;
    this.y = y - this.height / 2 - (y - this.height / 2 - this.y) * ratio;
    this.scale = scale;
    this.moved();
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.moved();
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.moved();
  }

  moved() {
    const far = [(this.width / 2) * this.scale, (this.height / 2) * this.scale];
    this.x = Math.min(far[0], Math.max(-far[0], this.x));
    this.y = Math.min(far[1], Math.max(-far[1], this.y));
    this.draw();
    this.tell.moved();
  }

  select(point, centre) {
    this.selected = point;
    if (point && centre && this.width) {
      this.scale = Math.max(this.scale, 4);
      [this.x, this.y] = [0, 0];
      const [x, y] = this.at(point);
      [this.x, this.y] = [this.width / 2 - x, this.height / 2 - y];
      this.moved();
    } else this.draw();
  }

  hover(point) {
    if (point === this.under) return;
    this.under = point;
    this.tell.hovered(point, ...(point ? this.at(point) : []));
    this.draw();
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.place(event));
    this.still = this.pointers.size === 1;
  }

  move(event) {
    const [x, y] = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      this.hover(this.nearest(x, y));
      return;
    }
    if (this.still && Math.hypot(x - before[0], y - before[1]) < 4) return;
    this.still = false;
    this.hover(null);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, [x, y]);
    if (!other) {
      this.pan(x - before[0], y - before[1]);
      return;
    }
    const apart = (to) => Math.hypot(to[0] - other[0], to[1] - other[1]);
    this.zoom(apart([x, y]) / Math.max(1, apart(before)), (x + other[0]) / 2, (y + other[1]) / 2);
  }

  up(event) {
    if (this.still && event.type === 'pointerup') this.tell.chosen(this.nearest(...this.place(event)));
    this.pointers.delete(event.pointerId);
    this.still = false;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const run = {
      ArrowLeft: () => this.pan(60, 0),
      ArrowRight: () => this.pan(-60, 0),
      ArrowUp: () => this.pan(0, 60),
      ArrowDown: () => this.pan(0, -60),
      '+': () => this.zoom(1.5),
      '=': () => this.zoom(1.5),
      '-': () => this.zoom(1 / 1.5),
      0: () => this.reset(),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  /** Once per frame, however often it is called. */
  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.width && this.reach) this.paint();
    });
  }

  paint() {
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name);
    const [ink, accent, star, line] = ['--ink', '--accent', '--star', '--line'].map(colour);
    const brush = this.canvas.getContext('2d');
    brush.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    brush.clearRect(0, 0, this.width, this.height);
    const [ox, oy] = this.at({ x: 0, y: 0 });
    brush.strokeStyle = line;
    brush.beginPath();
    brush.moveTo(Math.round(ox) + 0.5, 0);
    brush.lineTo(Math.round(ox) + 0.5, this.height);
    brush.moveTo(0, Math.round(oy) + 0.5);
    brush.lineTo(this.width, Math.round(oy) + 0.5);
    brush.stroke();
    const grown = Math.min(2.2, this.scale ** 0.35);
    const dot = (point, fill, alpha, more = 0) => {
      const [x, y] = this.at(point);
      if (x < -20 || y < -20 || x > this.width + 20 || y > this.height + 20) return;
      brush.globalAlpha = alpha;
      brush.fillStyle = fill;
      brush.beginPath();
      brush.arc(x, y, point.size * grown + more, 0, 2 * Math.PI);
      brush.fill();
    };
    if (this.wanted) for (const point of this.points) dot(point, ink, 0.07);
    for (const point of this.shown) dot(point, accent, 0.5);
    for (const point of this.points) if (this.marked.has(point.id)) dot(point, star, 1, 1);
    brush.globalAlpha = 1;
    this.labels(brush, style);
    for (const point of [this.selected, this.under]) if (point) this.ring(brush, point, ink, grown);
  }

  ring(brush, point, ink, grown) {
    const [x, y] = this.at(point);
    brush.strokeStyle = ink;
    brush.lineWidth = 1.5;
    brush.beginPath();
    brush.arc(x, y, point.size * grown + 4, 0, 2 * Math.PI);
    brush.stroke();
    brush.lineWidth = 1;
  }

  /** Names where there is room: the selected one first, then the visitor's, then by ratings. */
  labels(brush, style) {
    const taken = [];
    const rank = (point) => (point === this.selected ? 2e9 : this.marked.has(point.id) ? 1e9 : 0) + point.ratings;
    const candidates = this.inView()
      .concat(this.selected ?? [])
      .sort((a, b) => rank(b) - rank(a))
      .slice(0, 150);
    const most = Math.max(8, Math.round((this.width * this.height) / 24_000));
    brush.font = `12px ${style.fontFamily}`;
    brush.textBaseline = 'middle';
    brush.lineJoin = 'round';
    for (const point of candidates) {
      if (taken.length >= most) break;
      const [x, y] = this.at(point);
      const [words] = titled(point.title);
      const wide = brush.measureText(words).width;
      const left = x + 10 + wide > this.width ? x - 10 - wide : x + 10;
      const box = [left - 4, y - 9, left + wide + 4, y + 9];
      if (box[0] < 0 || box[1] < 0 || box[3] > this.height) continue;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      brush.strokeStyle = style.getPropertyValue('--card');
      brush.lineWidth = 4;
      brush.strokeText(words, left, y);
      brush.fillStyle = style.getPropertyValue(point === this.selected || this.marked.has(point.id) ? '--ink' : '--soft');
      brush.fillText(words, left, y);
    }
    brush.lineWidth = 1;
  }
}
