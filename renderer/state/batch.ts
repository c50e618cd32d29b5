/** Milliseconds between two deliveries: often enough for the eye, seldom enough for 5,000 findings. */
const INTERVAL = 50;

/**
 * Hands on what comes in quick succession in few pieces. The first one goes at
 * once, so that nobody waits for it; later ones are gathered.
 */
export class Batch<T> {
  #waiting: T[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #deliver: (items: readonly T[]) => void;

  constructor(deliver: (items: readonly T[]) => void) {
    this.#deliver = deliver;
  }

  add(item: T): void {
    this.#waiting.push(item);
    if (this.#timer !== null) return;
    this.#hand();
    this.#timer = setTimeout(() => this.flush(), INTERVAL);
  }

  /** Hands on what is waiting, now. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#hand();
  }

  #hand(): void {
    const items = this.#waiting;
    if (items.length === 0) return;
    this.#waiting = [];
    this.#deliver(items);
  }
}
