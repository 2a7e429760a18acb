/** What `parley top` shows: lines that fit, made of what is known. Whatever clients are called is cleaned. */
import type { InferOutput } from 'valibot';
import type { ConnectionSort } from '../chat/connections.ts';
import { clean } from '../chat/text.ts';
import type { CONNECTIONS } from '../http/api/operator-shapes.ts';
import type { Health, Sample } from '../http/dashboard.ts';
import type { ScreenLine, Size } from './screen.ts';
import { counted, grouped, size, span } from './table.ts';

type Connection = InferOutput<typeof CONNECTIONS>['connections'][number];

export interface TopState {
  readonly version: string;
  readonly server: string;
  /** ms since the epoch, both. */
  readonly startedAt: number;
  readonly now: number;
  readonly health: Health;
  readonly sample: Sample | null;
  readonly total: number;
  readonly connections: readonly Connection[];
  readonly sort: ConnectionSort;
  readonly order: 'asc' | 'desc';
  /** Why what is shown is old; '' where it is not. */
  readonly notice: string;
}

interface Column {
  readonly sort: ConnectionSort;
  readonly title: string;
  readonly width: number;
  readonly right?: true;
  /** What one wants to see first. */
  readonly first: 'asc' | 'desc';
  text(connection: Connection, now: number): string;
}

export const COLUMNS: readonly Column[] = [
  { sort: 'name', title: 'name', width: 16, first: 'asc', text: ({ name }) => name ?? '(nobody yet)' },
  { sort: 'address', title: 'address', width: 21, first: 'asc', text: ({ address }) => address || 'unix' },
  { sort: 'dialect', title: 'dialect', width: 8, first: 'asc', text: ({ dialect }) => dialect },
  {
    sort: 'linesPerMinute',
    title: 'lines/min',
    width: 11,
    right: true,
    first: 'desc',
    text: ({ linesPerMinute }) => grouped(linesPerMinute),
  },
  {
    sort: 'outboxBytes',
    title: 'outbox',
    width: 9,
    right: true,
    first: 'desc',
    text: ({ outboxBytes }) => size(outboxBytes),
  },
  {
    sort: 'idleMs',
    title: 'idle',
    width: 12,
    right: true,
    first: 'desc',
    text: ({ idleMs }) => span(idleMs),
  },
  {
    sort: 'connectedAt',
    title: 'for',
    width: 12,
    right: true,
    first: 'asc',
    text: ({ connectedAt }, now) => span(Math.max(0, now - connectedAt)),
  },
  { sort: 'rooms', title: 'rooms', width: 20, first: 'desc', text: ({ rooms }) => rooms.join(' ') },
];

/** Lines above the connections, their titles among them, and below. */
const ABOVE = 5;
const BELOW = 1;
const KEYS = '←→ sort   r reverse   q leave';

/** How many connections there is room for. */
export function roomFor({ rows }: Size): number {
  return Math.max(1, rows - ABOVE - BELOW);
}

/** A whole screen. */
export function topLines(state: TopState, screen: Size): readonly ScreenLine[] {
  const rows = state.connections
    .slice(0, roomFor(screen))
    .map((connection): ScreenLine => ({ text: row(column => column.text(connection, state.now)) }));
  const blank = Array.from({ length: roomFor(screen) - rows.length }, (): ScreenLine => ({ text: '' }));
  const last: ScreenLine =
    state.notice === '' ? { text: KEYS, style: 'faint' } : { text: state.notice, style: 'bad' };
  return fitted([...head(state), titles(state, screen), ...rows, ...blank, last], screen);
}

/** The same once, for a file or a pipe: all connections there are in `state`, and no keys. */
export function topPage(state: TopState, columns: number): string {
  const rows = state.connections.map(
    (connection): ScreenLine => ({ text: row(column => column.text(connection, state.now)) }),
  );
  const size = { columns, rows: rows.length };
  const lines = fitted([...head(state), titles(state, size), ...rows], size);
  return lines.map(({ text }) => `${text.trimEnd()}\n`).join('');
}

function head({ version, server, startedAt, now, health, sample, total }: TopState): ScreenLine[] {
  const { text = 0, json = 0, irc = 0, rooms = 0 } = sample ?? {};
  const { messages = 0, deliveries = 0, lag = 0, commit = 0, outbox = 0, memory = 0 } = sample ?? {};
  const sick = health.state !== 'ok';
  const state = sick ? `${health.state}: ${health.why}` : 'ok';
  return [
    {
      text: `parley ${version} on ${server}   up ${span(Math.max(0, now - startedAt))}   health ${state}`,
      style: sick ? 'bad' : 'plain',
    },
    {
      text: `${counted(total, 'connection')} (${text} text, ${json} json, ${irc} irc)   ${counted(rooms, 'room')}   memory ${size(memory)}   outbox ${size(outbox)}`,
    },
    {
      text: `messages ${grouped(messages)}/s   deliveries ${grouped(deliveries)}/s   lag ${grouped(lag)} ms   commit ${grouped(commit)} ms`,
    },
    { text: '' },
  ];
}

function titles({ sort, order }: TopState, { columns }: Size): ScreenLine {
  const mark = order === 'asc' ? '↑' : '↓';
  const text = row(column => (column.sort === sort ? `${column.title}${mark}` : column.title));
  return { text: text.padEnd(columns), style: 'title' };
}

function row(cell: (column: Column) => string): string {
  return COLUMNS.map(column => {
    const text = cut(clean(cell(column)), column.width - 1);
    const space = ' '.repeat(column.width - 1 - Bun.stringWidth(text));
    return column.right ? `${space}${text} ` : `${text}${space} `;
  }).join('');
}

function fitted(lines: readonly ScreenLine[], { columns }: Size): readonly ScreenLine[] {
  return lines.map(({ text, style = 'plain' }) => ({ text: cut(clean(text), columns), style }));
}

/** No wider than so many columns of a terminal. */
export function cut(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let short = '';
  let wide = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    wide += Bun.stringWidth(segment);
    if (wide > width - 1) break;
    short += segment;
  }
  return width > 0 ? `${short}…` : '';
}
