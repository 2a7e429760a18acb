/**
 * Delivery of one turn: committed events in, one push per session out. This is the hot path: a plain
 * listener of a busy room costs a field write and a push of a shared buffer, whatever was said.
 *
 * Events change rooms in committed order. Who leaves half-way through a turn is given the events up to then;
 * who joins half-way is given what comes after, once its members and history are shown (see `Seat`).
 */
import { Block } from './block.ts';
import {
  type ChatEvent,
  isSaid,
  type Joined,
  type Kept,
  type PrivateEvent,
  type RoomEvent,
} from './event.ts';
import { fold } from './names.ts';
import type { Committed, Skippable } from './ports.ts';
import type { Room } from './room.ts';
import { Seat } from './seat.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

/** What a turn's delivery asks of the hub. */
export interface DeliveryHost {
  /** The room of this exact name, if anyone here is in it. */
  roomNamed(name: string): Room | undefined;
  userNamed(name: string): User | undefined;
  /** The bytes of these have left towards somebody: they wait no more. */
  seen(user: User, event: PrivateEvent): void;
  /** A member joined here whose session has gone meanwhile: take it out again. */
  orphaned(room: Room, name: string): void;
  /** After somebody joined the room or was taken out. */
  membersChanged(room: Room): void;
  /** Counts lines handed to sessions. */
  delivered(count: number): void;
  /** A bug in one event or one session's share of it; the rest of the turn goes on. */
  failed(bug: unknown): void;
}

const NOTHING = new Uint8Array(0);
/** Private messages kept back for one session that is signing in. */
const MOST_KEPT_BACK = 1000;

export class Delivery {
  private turn = 0;
  private place = 0;
  /** Lines handed to sessions in this turn. */
  private lines = 0;
  private readonly active = new Map<Room, Block>();
  private touched: Session[] = [];
  private toOpen: Seat[] = [];
  private toAcknowledge: { session: Session; user: User; event: PrivateEvent }[] = [];
  private readonly membersChanged = new Set<Room>();
  private moved: Session[] = [];

  constructor(private readonly host: DeliveryHost) {}

  /** Delivers one committed batch, then tells those who posted it. */
  run(batch: readonly Committed[]): void {
    this.turn++;
    this.place = 0;
    for (const item of batch) {
      try {
        if (item.event.type === 'private') this.addPrivate(item.event, item);
        else this.addToRoom(item.event, item);
      } catch (bug) {
        this.host.failed(bug);
      }
      this.place++;
    }
    for (const [room, block] of this.active)
      for (const seat of room.listeners) this.give(seat.session, block);
    this.active.clear();
    this.emitAll();
    for (const { event, origin, waiting } of batch) {
      try {
        origin?.committed(event, waiting);
      } catch (bug) {
        this.host.failed(bug);
      }
    }
    for (const room of this.membersChanged) this.host.membersChanged(room);
    this.membersChanged.clear();
  }

  private emitAll(): void {
    const touched = this.touched;
    this.touched = [];
    for (const session of touched) {
      try {
        this.emit(session);
      } catch (bug) {
        this.host.failed(bug);
      }
    }
    this.host.delivered(this.lines);
    this.lines = 0;
    for (const { session, user, event } of this.toAcknowledge)
      session.link.outbox.mark(() => this.host.seen(user, event), [event.id]);
    this.toAcknowledge = [];
    const toOpen = this.toOpen;
    this.toOpen = [];
    for (const seat of toOpen) openSeat(seat);
    const moved = this.moved;
    this.moved = [];
    for (const session of moved) tellCurrent(session);
  }

  private addToRoom(event: RoomEvent, { origin }: Committed): void {
    const room = this.host.roomNamed(event.room);
    if (!room) return;
    const speaker = origin?.session ?? null;
    let block = this.active.get(room);
    if (!block) {
      block = new Block(room.name, room.lastId);
      this.active.set(room, block);
    }
    const news = room.isNews(event) && (!room.closing || isSaid(event));
    if (news) block.add(event, this.place, speaker);
    if (speaker) speaker.spokeIn = this.turn;
    if (event.type === 'leave') this.unseat(room, event.from, event, block, speaker);
    else if (event.type === 'kick') this.unseat(room, event.name, event, block, null);
    room.apply(event);
    if (news) for (const seat of room.opening) if (seat.session !== speaker) seat.kept?.push(event);
    if (event.type === 'join' && origin) this.seat(room, event, speaker);
  }

  /** Gives the joiner's sessions their seats: the one that asked stays opening until it was shown the room. */
  private seat(room: Room, event: Joined & RoomEvent, speaker: Session | null): void {
    this.membersChanged.add(room);
    const member = room.members.get(fold(event.from));
    const user = speaker?.user ?? member?.user;
    if (!user || user.sessions.length === 0 || !member) {
      this.host.orphaned(room, event.from);
      return;
    }
    member.user = user;
    user.enter(member);
    for (const session of user.sessions) {
      if (session.seatIn(room)) continue;
      const seat = new Seat(session, room, member);
      seat.kept = session === speaker ? [] : [event];
      room.opening.add(seat);
      session.takeLast(seat);
      if (session !== speaker) this.toOpen.push(seat);
    }
  }

  /** Takes a member's sessions out; they still see what came before, and (the one that left aside) the leaving. */
  private unseat(room: Room, name: string, event: RoomEvent, block: Block, leaver: Session | null): void {
    const member = room.members.get(fold(name));
    this.membersChanged.add(room);
    const user = member?.user;
    if (!member || !user) return;
    for (const session of user.sessions) {
      const seat = session.seatIn(room);
      if (!seat) continue;
      const listening = seat.index >= 0;
      if (listening) this.give(session, block, session === leaver ? this.place : this.place + 1);
      if (session !== leaver && (!listening || room.closing))
        this.give(session, keptBlock(seat, this.place, event));
      room.removeSeat(seat);
      const wasCurrent = session.current === seat;
      session.dropSeat(seat);
      if (wasCurrent && session !== leaver) this.moved.push(session);
    }
    user.exit(room);
    member.user = null;
  }

  private addPrivate(event: PrivateEvent, { origin }: Committed): void {
    const speaker = origin?.session ?? null;
    const user = this.host.userNamed(event.to);
    if (user) this.givePrivate(user, event);
    // Posted without a session, it was typed in none of the sender's own.
    const sender = speaker || !origin ? speaker?.user : this.host.userNamed(event.from);
    if (!sender || sender === user) return;
    for (const session of sender.sessions) {
      if (session === speaker && !session.options.echo) continue;
      const block = new Block(null, 0);
      block.add({ ...event, type: 'sent' }, this.place, null);
      this.give(session, block);
    }
  }

  private givePrivate(user: User, event: PrivateEvent): void {
    if (user.ignores(event.from)) {
      this.host.seen(user, event);
      return;
    }
    const block = new Block(null, 0);
    block.add(event, this.place, null);
    for (const session of user.sessions) {
      if (session.inbox) {
        session.inbox.push(event);
        // They all wait in the store; this is for what another session of the account is shown meanwhile.
        if (session.inbox.length > MOST_KEPT_BACK) session.inbox.shift();
        continue;
      }
      this.give(session, block);
      this.toAcknowledge.push({ session, user, event });
    }
  }

  private give(session: Session, block: Block, until = Number.POSITIVE_INFINITY): void {
    if (session.block === null && session.more === null) this.touched.push(session);
    if (session.block === null && until === Number.POSITIVE_INFINITY) session.block = block;
    else {
      session.more ??= [];
      session.more.push({ block, until });
    }
  }

  /** Pushes what this turn holds for a session: the shared bytes where they will do, its own join otherwise. */
  private emit(session: Session): void {
    const { block, more, encoder, options } = session;
    session.block = null;
    session.more = null;
    const spoke = session.spokeIn === this.turn;
    const plain = more === null && !session.user?.ignored && encoder.frame === null;
    if (block && plain && !(spoke && options.echo)) {
      const bytes = spoke ? block.bytesWithout(session, encoder) : block.bytesFor(encoder);
      session.link.outbox.push(bytes, block.skippable);
      this.lines += block.events.length - (spoke ? block.saidBy(session) : 0);
      return;
    }
    const lines: OwnLine[] = [];
    if (block) collect(session, block, Number.POSITIVE_INFINITY, lines);
    if (more) for (const portion of more) collect(session, portion.block, portion.until, lines);
    if (more) lines.sort((a, b) => a.place - b.place);
    for (const { text } of lines) if (text !== '') this.lines++;
    pushRuns(session, lines);
  }
}

interface OwnLine {
  readonly place: number;
  /** '' for a line that was said but that this session is not shown: history has it all the same. */
  readonly text: string;
  readonly said: boolean;
  readonly block: Block;
  /** The newest id of the room before this line. */
  readonly after: number;
}

/** The lines of a block as this very session is shown them. */
function collect(session: Session, block: Block, until: number, into: OwnLine[]): void {
  const texts = block.linesFor(session.encoder);
  let newest = block.after;
  for (const [at, event] of block.events.entries()) {
    const place = block.places[at] ?? 0;
    const after = newest;
    newest = Math.max(newest, event.id);
    if (place >= until) continue;
    const said = isSaid(event);
    const own = block.speakers[at] === session && !(session.options.echo && said);
    const text = own || ignored(session, event) ? '' : (texts[at] ?? '');
    if (text !== '' || said) into.push({ place, text, said, block, after });
  }
}

/**
 * Pushes lines, those of one block that stand together as one chunk. Lines that are not shown count: what is
 * said of skipped lines is about the room's history, in which they are.
 */
function pushRuns(session: Session, lines: readonly OwnLine[]): void {
  let at = 0;
  for (let first = lines[at]; first; first = lines[at]) {
    const { block, after } = first;
    let text = '';
    let said = 0;
    for (let line = lines[at]; line?.block === block; line = lines[++at]) {
      text += line.text;
      if (line.said) said++;
    }
    pushOwn(session, text, block.room === null ? undefined : { room: block.room, lines: said, after });
  }
}

function pushOwn(session: Session, text: string, skip: Skippable | undefined): void {
  const { encoder, link } = session;
  const framed = encoder.frame ? encoder.frame(text, session) : text;
  if (framed !== '') link.outbox.push(Buffer.from(framed), skip);
  else if (skip) link.outbox.push(NOTHING, skip);
}

function ignored(session: Session, event: ChatEvent): boolean {
  return (isSaid(event) || event.type === 'invite') && (session.user?.ignores(event.from) ?? false);
}

/** Shows one event to these sessions at once, outside of any turn: presence, invitations, announcements. */
export function showNow(event: ChatEvent, sessions: Iterable<Session>): void {
  const block = new Block(null, 0);
  block.add(event, 0, null);
  for (const session of sessions) {
    if (ignored(session, event)) continue;
    if (session.encoder.frame) pushOwn(session, block.linesFor(session.encoder)[0] ?? '', undefined);
    else {
      const bytes = block.bytesFor(session.encoder);
      if (bytes.length > 0) session.link.outbox.push(bytes);
    }
  }
}

/**
 * The lines to show before a seat opens: those of a page of history that its kept events do not show anyway.
 * (History never runs ahead of what was delivered, so the rest are older.)
 */
export function beforeOpening(seat: Seat, page: readonly Kept[]): readonly Kept[] {
  const first = seat.kept?.find(isSaid)?.id ?? Number.POSITIVE_INFINITY;
  return page.filter(event => event.id < first);
}

/** Ends a seat's opening: shows what happened meanwhile, then has it listen. */
export function openSeat(seat: Seat): void {
  const { session, room, kept } = seat;
  if (!kept || !room.opening.has(seat)) return;
  const lines: OwnLine[] = [];
  collect(session, keptBlock(seat, 0), Number.POSITIVE_INFINITY, lines);
  pushRuns(session, lines);
  room.addListener(seat);
}

/** What a seat kept while opening, and maybe one event more, at one place of the turn. */
function keptBlock({ room, kept }: Seat, place: number, last?: RoomEvent): Block {
  const events = last ? [...(kept ?? []), last] : (kept ?? []);
  // An event that could not be kept has no id.
  const first = events.find(event => event.id > 0)?.id ?? room.lastId + 1;
  const block = new Block(room.name, first - 1);
  for (const event of events) block.add(event, place, null);
  return block;
}

/** Says where bare lines go now, to a session whose current room was changed by something other than itself. */
function tellCurrent(session: Session): void {
  const { current, link } = session;
  link.face.notice(
    current
      ? `Lines you type now go to ${current.room.name}.`
      : 'You are in no room now: lines you type are commands.',
  );
}
