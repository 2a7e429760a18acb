/** The last so many of what was added. */
export class Ring<T> {
  private readonly items: T[] = [];
  /** Where the oldest is, once it is full. */
  private oldest = 0;

  constructor(private readonly size: number) {}

  add(item: T): void {
    if (this.items.length < this.size) {
      this.items.push(item);
      return;
    }
    this.items[this.oldest] = item;
    this.oldest = (this.oldest + 1) % this.size;
  }

  /** All of them, the oldest first. */
  all(): T[] {
    return [...this.items.slice(this.oldest), ...this.items.slice(0, this.oldest)];
  }
}
