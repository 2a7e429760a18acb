/** Collects what a command says into the text that one session is shown. */
import type { ChatEvent } from '../../chat/event.ts';
import type { Options } from '../../chat/options.ts';
import { clean } from '../../chat/text.ts';
import type { Page } from '../../command/row.ts';
import { LINE_END } from './encoder.ts';
import { eventLine, idPrefix, notice } from './format.ts';

/** Columns are aligned up to this width, in places of a terminal; what is wider pushes its own line only. */
const WIDEST = 36;

export class TextPage implements Page {
  text = '';

  constructor(
    private readonly options: Options,
    private readonly now: number,
  ) {}

  notice(text: string): void {
    this.text += notice(text, this.options) + LINE_END;
  }

  event(event: ChatEvent, id?: 'id'): void {
    // History is about when things were said, so the time is shown even where live lines have none.
    const style = id ? { ...this.options, time: true, notices: true } : { ...this.options, notices: true };
    const line = eventLine(event, style, this.now);
    if (line !== '') this.text += (id ? idPrefix(event.id) : '') + line + LINE_END;
  }

  columns(rows: readonly (readonly string[])[]): void {
    const widths: number[] = [];
    const cells = rows.map(row => row.map(clean).map(text => ({ text, width: Bun.stringWidth(text) })));
    for (const row of cells)
      for (const [at, { width }] of row.entries())
        if (width <= WIDEST) widths[at] = Math.max(widths[at] ?? 0, width);
    for (const row of cells) {
      const padded = row.map(
        ({ text, width }, at) => text + ' '.repeat(Math.max(0, (widths[at] ?? 0) - width)),
      );
      this.text += `*   ${padded.join('  ')}`.trimEnd() + LINE_END;
    }
  }
}
