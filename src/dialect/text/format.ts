/**
 * How events read in a terminal. The one place where a name, a room or a text becomes part of a line, so
 * the one place where all of them are cleaned.
 */
import type { ChatEvent, ModeChange } from '../../chat/event.ts';
import { clean } from '../../chat/text.ts';

export interface Style {
  readonly time: boolean;
  readonly color: boolean;
  readonly notices: boolean;
}

const RESET = '\x1b[0m';
const DIM = '\x1b[2m';
/** Readable on dark and light: red, green, yellow, blue, magenta, cyan. */
const COLORS = [31, 32, 33, 34, 35, 36];

/** One event as a line without its end; '' where this style does not show it. `now` decides on the date. */
export function eventLine(event: ChatEvent, style: Style, now: number): string {
  switch (event.type) {
    case 'message':
      return said(event.at, style, now, `${nameOf(event.from, style)} (in ${clean(event.room)})`, event.text);
    case 'action':
      return `${time(event.at, style, now)}* ${nameOf(event.from, style)} ${clean(event.text)} (in ${clean(event.room)})`;
    case 'private':
      return said(event.at, style, now, `${nameOf(event.from, style)} (private)`, event.text);
    case 'sent':
      return said(
        event.at,
        style,
        now,
        `${nameOf(event.from, style)} (private to ${clean(event.to)})`,
        event.text,
      );
    default: {
      const text = noticeText(event);
      if (text === '' || (!style.notices && isComingAndGoing(event))) return '';
      return notice(text, style);
    }
  }
}

/** A line from parley: `* text`. */
export function notice(text: string, style: Pick<Style, 'color'>): string {
  return style.color ? `${DIM}* ${clean(text)}${RESET}` : `* ${clean(text)}`;
}

/** `#id` in front of a line of history. */
export function idPrefix(id: number): string {
  return `#${id} `;
}

function said(at: number, style: Style, now: number, who: string, text: string): string {
  return `${time(at, style, now)}${who}: ${clean(text)}`;
}

function nameOf(name: string, style: Style): string {
  const shown = clean(name);
  if (!style.color) return shown;
  let hash = 0;
  for (let i = 0; i < shown.length; i++) hash = (hash * 31 + shown.charCodeAt(i)) >>> 0;
  return `\x1b[1;${COLORS[hash % COLORS.length]}m${shown}${RESET}`;
}

/** What `set notices off` hides. */
function isComingAndGoing(event: ChatEvent): boolean {
  return (
    event.type === 'join' ||
    event.type === 'leave' ||
    event.type === 'online' ||
    event.type === 'offline' ||
    event.type === 'away' ||
    event.type === 'back'
  );
}

function noticeText(event: ChatEvent): string {
  const why = 'reason' in event && event.reason !== '' ? ` (${event.reason})` : '';
  switch (event.type) {
    case 'join':
      return `${event.from} joined ${event.room}`;
    case 'leave':
      return `${event.from} left ${event.room}${why}`;
    case 'kick':
      return `${event.from} put ${event.name} out of ${event.room}${why}`;
    case 'topic':
      return event.text === ''
        ? `${event.from} cleared the topic of ${event.room}`
        : `${event.from} set the topic of ${event.room}: ${event.text}`;
    case 'mode':
      return `${event.from} ${modeText(event.change, event.room)}`;
    case 'rank':
      if (event.from === event.name) return `${event.from} gave up running ${event.room}`;
      return event.rank === 'operator'
        ? `${event.from} made ${event.name} an operator of ${event.room}`
        : event.rank === 'voice'
          ? `${event.from} gave ${event.name} a voice in ${event.room}`
          : `${event.from} made ${event.name} an ordinary member of ${event.room}`;
    case 'ban':
      return `${event.from} banned ${event.ban.label} from ${event.room}${event.ban.reason ? ` (${event.ban.reason})` : ''}`;
    case 'unban':
      return `${event.from} lifted the ban on ${event.label} in ${event.room}`;
    case 'online':
      return `${event.from} is online`;
    case 'offline':
      return `${event.from} is offline${why}`;
    case 'away':
      return `${event.from} is away${event.reason === '' ? '' : `: ${event.reason}`}`;
    case 'back':
      return `${event.from} is back`;
    case 'invite':
      return `${event.from} asks you into ${event.room}. To go in: /join ${event.room}`;
    case 'announce':
      return event.from === 'parley' ? event.text : `${event.from} to everyone: ${event.text}`;
    default:
      return '';
  }
}

function modeText(change: ModeChange, room: string): string {
  switch (change.mode) {
    case 'key':
      return change.key === null ? `took the key off ${room}` : `locked ${room} with a key`;
    case 'moderated':
      return change.on ? `made ${room} moderated` : `made ${room} open for all to speak`;
    case 'unlisted':
      return change.on ? `took ${room} out of all lists` : `put ${room} back in the lists`;
  }
}

/** `[10:30:15] `, with its date where it was before today; '' where the style has no times. */
function time(at: number, style: Style, now: number): string {
  return style.time ? `[${clock(at, now)}] ` : '';
}

// The last second's text and the bounds of the last day: nearly every call is about the same ones.
let lastSecond = -1;
let lastText = '';
let dayStart = 0;
/** Not always 24 hours later. */
let dayEnd = 0;

function clock(at: number, now: number): string {
  if (now < dayStart || now >= dayEnd) {
    dayStart = new Date(now).setHours(0, 0, 0, 0);
    dayEnd = new Date(now).setHours(24, 0, 0, 0);
  }
  const second = Math.floor(at / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(at).toTimeString().slice(0, 8);
  }
  if (at >= dayStart && at < dayEnd) return lastText;
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${lastText}`;
}
