/** The little that the page asks of the DOM. Whatever comes from the net goes in as text, never as HTML. */

/** An element that the page's HTML has: not finding it is a bug. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

/** Where the rows of a table go. */
export function bodyOf(id: string): HTMLTableSectionElement {
  const body = byId(id, HTMLTableElement).tBodies[0];
  if (!body) throw new Error(`#${id} has no body`);
  return body;
}

/** Touches the page only where the text differs: anything else would disturb a selection and screen readers. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setTitle(element: HTMLElement, title: string): void {
  if (element.title !== title) element.title = title;
}

/** An element with its class and what is in it. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...inside: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside);
  return element;
}

export function button(label: string, className: string, press: () => void): HTMLButtonElement {
  const made = make('button', className, label);
  made.type = 'button';
  made.addEventListener('click', press);
  return made;
}

/** One shown item: its element, and how the element comes to show a newer version of the item. */
export interface Shown<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
}

/**
 * Children of one element, one an item. Elements stay while their item does, so that focus, selection and
 * hover survive each refresh.
 */
export class KeyedList<Item> {
  private shown = new Map<string, Shown<Item>>();

  constructor(
    private readonly parent: Element,
    private readonly key: (item: Item) => string,
    private readonly show: () => Shown<Item>,
  ) {}

  set(items: readonly Item[]): void {
    const before = this.shown;
    this.shown = new Map();
    for (const item of items) {
      const key = this.key(item);
      const row = before.get(key) ?? this.show();
      row.update(item);
      this.shown.set(key, row);
    }
    for (const [key, row] of before) if (!this.shown.has(key)) row.element.remove();
    this.arrange();
  }

  private arrange(): void {
    const focused = document.activeElement;
    let place = this.parent.firstElementChild;
    for (const { element } of this.shown.values()) {
      if (element === place) place = place.nextElementSibling;
      else this.parent.insertBefore(element, place);
    }
    // Moving an element takes the focus from what is in it.
    if (
      focused instanceof HTMLElement &&
      focused !== document.activeElement &&
      this.parent.contains(focused)
    ) {
      focused.focus({ preventScroll: true });
    }
  }
}
