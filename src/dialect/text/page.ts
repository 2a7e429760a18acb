/** Collects what a command says into the text that one session is shown. */
import type { ChatEvent } from '../../chat/event.ts';
import type { Options } from '../../chat/options.ts';
import { clean } from '../../chat/text.ts';
import type { Page } from '../../command/row.ts';
import { LINE_END } from './encoder.ts';
import { eventLine, idPrefix, notice } from './format.ts';

/** Columns are aligned up to this width; what is longer pushes its own line only. */
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
    const cleaned = rows.map(row => row.map(clean));
    for (const row of cleaned)
      for (const [at, cell] of row.entries())
        if (cell.length <= WIDEST) widths[at] = Math.max(widths[at] ?? 0, cell.length);
    for (const row of cleaned) {
      const line = row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
      this.text += `*   ${line.trimEnd()}${LINE_END}`;
    }
  }
}
