/** Words that several commands read or say alike: on and off, lists of names, durations, sign-in and joining. */
import { refusal } from '../chat/errors.ts';
import type { ChatEvent, Kept } from '../chat/event.ts';
import type { Joining } from '../chat/membership.ts';
import { fold } from '../chat/names.ts';
import type { MemberView } from '../chat/people.ts';
import type { SignInStep } from '../chat/signin.ts';
import type { User } from '../chat/user.ts';
import type { Page } from './row.ts';

/** What `on` and `off` mean; throws `bad-argument` for anything else. */
export function onOff(word: string, usage: string): boolean {
  const lower = word.toLowerCase();
  if (lower !== 'on' && lower !== 'off')
    throw refusal('bad-argument', `${word} is neither on nor off`, usage);
  return lower === 'on';
}

/** `1 line`, `2 lines`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A span of time in its largest unit: `45s`, `3m`, `2h`, `5d`. */
export function span(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A kept event as this user is shown it: of a private line of its own, to whom it went. */
export function asSeenBy(user: User, event: Kept): ChatEvent {
  return event.type === 'private' && fold(event.from) === user.folded ? { ...event, type: 'sent' } : event;
}

const NAMES_SHOWN = 50;

/** Who is in a room, in a line: operators with `@`, the voiced with `+`. */
export function memberLine(members: readonly MemberView[]): string {
  const here = members.filter(member => member.online);
  const names = here.slice(0, NAMES_SHOWN).map(ranked).join(', ');
  const rest = here.length > NAMES_SHOWN ? ` and ${here.length - NAMES_SHOWN} more` : '';
  const away = members.length - here.length;
  const present = here.length === 0 ? 'nobody here' : `${here.length} here: ${names}${rest}`;
  return `${present}${away > 0 ? ` (and ${away} not online)` : ''}`;
}

export function ranked({ name, rank }: Pick<MemberView, 'name' | 'rank'>): string {
  return `${rank === 'operator' ? '@' : rank === 'voice' ? '+' : ''}${name}`;
}

export function sayJoining(joining: Joining, page: Page): void {
  const { room, topic, members, lines } = joining;
  if (!joining.fresh) {
    page.notice(`You are in ${room}: lines you type now go there.`);
    return;
  }
  page.notice(
    `You are in ${room}.${joining.operator ? ' You are its operator.' : ''} ${memberLine(members)}`,
  );
  if (topic) page.notice(`Topic of ${room}: ${topic.text} (${topic.from})`);
  if (joining.moderated) page.notice(`${room} is moderated: only operators and those with a voice speak.`);
  if (joining.passing)
    page.notice('The disk is full: you are in, but the room will have to be joined again after a restart.');
  sayLines(lines, page);
}

export function sayLines(lines: readonly Kept[], page: Page): void {
  for (const line of lines) page.event(line);
}

/** One step of what an account finds on coming back. */
export function saySignIn(step: SignInStep, page: Page): void {
  switch (step.step) {
    case 'welcome':
      page.notice(
        step.account
          ? `You are ${step.name}, signed in to your account.${others(step.others)}`
          : `You are ${step.name}. Anyone may take the name once you leave; to keep it: /password <new password>`,
      );
      break;
    case 'missed': {
      const { room, lines, earlier, more, after, topic } = step;
      if (topic) page.notice(`Topic of ${room}: ${topic.text} (${topic.from})`);
      page.notice(`Missed in ${room}: ${count(lines.length + earlier, 'line')}${more ? ' or more' : ''}.`);
      sayLines(lines, page);
      if (earlier > 0)
        page.notice(
          `${count(earlier, 'line')}${more ? ' or more' : ''} before these. To read them: /history ${room} ${earlier} after #${after}`,
        );
      break;
    }
    case 'waiting':
      if (step.total !== null) page.notice(`${count(step.total, 'message')} waited for you:`);
      sayLines(step.messages, page);
      break;
    case 'ready':
      if (step.current) {
        const also = step.rooms.filter(room => room !== step.current);
        page.notice(
          `You are in ${step.current}${also.length > 0 ? ` (and in ${also.join(', ')})` : ''}: lines you type are said there; commands start with /`,
        );
      } else page.notice('Next: join <room>, rooms, who, help. In a room you talk; commands start with /');
      break;
  }
}

function others(sessions: number): string {
  if (sessions === 0) return '';
  return ` You are signed in ${sessions === 1 ? 'once' : `${sessions} times`} elsewhere.`;
}
