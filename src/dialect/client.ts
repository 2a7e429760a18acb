/**
 * One client from its first byte on: greeting, telling what it speaks from its first line, and the session
 * behind it. Text is all it can speak so far; other dialects are told apart here.
 */
import type { Dialect, EndReason, LinkEnd } from '../chat/counters.ts';
import { Refusal, refusal } from '../chat/errors.ts';
import { restoreSession, type SessionState, sessionState } from '../chat/handover.ts';
import { type Hub, STALLED } from '../chat/hub.ts';
import type { Options } from '../chat/options.ts';
import type { Encoder, Face, Outbox, PostRefusal } from '../chat/ports.ts';
import type { Session, SessionLink } from '../chat/session.ts';
import type { Commands } from '../command/run.ts';
import type { Connection, ConnectionState, LineListener } from '../wire/connection.ts';
import type { Greeted, Greeter } from './greeter.ts';
import { HttpRequest, isHttp, type PagePort } from './http-request.ts';
import type { TextEncoders } from './text/encoder.ts';
import { greeting, type Question, skippedNotice, TextDialect } from './text/text.ts';

/** What all clients of a server share. */
export interface ClientShared {
  readonly hub: Hub;
  readonly commands: Commands;
  readonly encoders: TextEncoders;
  readonly greeter: Greeter;
  readonly version: string;
  serverName: string;
  /** A line of the admin's own under the greeting; '' for none. */
  welcome: string;
  /** In words, for who did not read. */
  outboxHard: string;
  /** Where an HTTP client is sent; null where HTTP is spoken nowhere. */
  page: PagePort | null;
}

/**
 * ms that a client has to speak first: an HTTP or TLS client does, and is not to find a greeting in its
 * answer; a person at nc does not, and sees it at once.
 */
export const SPEAK_FIRST = 150;

/** One client, as plain data for another program to go on with. */
export interface ClientState {
  /** The peer's: behind a trusted proxy, whom the proxy speaks for. */
  readonly address: string;
  readonly greeted: boolean;
  readonly firstLine: 'awaited' | 'unread' | 'read';
  /** What it was asked and has not answered. */
  readonly question: Question | null;
  readonly session: SessionState;
  readonly connection: ConnectionState;
}

/** Who keeps count of clients. */
export interface ClientOwner {
  /** Its link is gone; called once. */
  gone(client: Client): void;
}

export class Client implements LineListener, SessionLink, Greeted {
  readonly session: Session;
  private readonly text: TextDialect;
  private greeted = false;
  /** Set once the connection is to close: why, for the log, and in words of its own for the rooms. */
  private closing: { readonly reason: EndReason; readonly words: string | undefined } | null = null;
  /**
   * An HTTP client is known by its first line, and by its second where the first was too long to be read; then
   * it is the request.
   */
  private firstLine: 'awaited' | 'unread' | 'read' | HttpRequest = 'awaited';
  private closed = false;
  private left = false;

  constructor(
    private readonly shared: ClientShared,
    readonly connection: Connection,
    readonly address: string,
    readonly limitKey: string | null,
    private readonly owner: ClientOwner | null = null,
    state: ClientState | null = null,
  ) {
    const { hub } = shared;
    this.session = hub.connect(this, state?.session);
    this.text = new TextDialect(hub, this.session, shared.commands, connection);
    connection.outbox.renderSkipped = skippedNotice;
    connection.listen(this);
    if (state) this.goOn(state);
    if (!this.greeted) shared.greeter.add(this);
  }

  // ——— handing over ———

  /** Nobody goes on with it: it is closing, or it is an HTTP request. */
  get passing(): boolean {
    return this.closing !== null || this.firstLine instanceof HttpRequest;
  }

  carry(): ClientState {
    const { address, greeted, firstLine, session, connection, text } = this;
    return {
      address,
      greeted,
      firstLine: firstLine instanceof HttpRequest ? 'read' : firstLine,
      question: text.question && { command: text.question.command, answers: text.question.answers },
      session: sessionState(session),
      connection: connection.carry(),
    };
  }

  private goOn({ greeted, firstLine, question, session, connection }: ClientState): void {
    this.greeted = greeted;
    this.firstLine = firstLine;
    const { hub } = this.shared;
    const refused = restoreSession(hub, this.session, session);
    this.connection.restore(connection, ids => this.seen(ids));
    if (refused) {
      this.refuse(refused);
      this.close(refused.code);
    } else if (question) this.connection.waitFor(this.text.askAgain(question));
  }

  private seen(ids: readonly number[]): void {
    const { user } = this.session;
    if (user) this.shared.hub.backend.delivered(user.folded, ids);
  }

  get face(): Face {
    return this.text;
  }

  get dialect(): Dialect {
    return 'text';
  }

  get outbox(): Outbox {
    return this.connection.outbox;
  }

  // ——— LineListener ———

  line(line: string | Refusal): void | Promise<void> {
    const { firstLine } = this;
    if (firstLine instanceof HttpRequest) return this.header(firstLine, line);
    if (line instanceof Refusal) return this.unread(line);
    if (firstLine !== 'read') {
      if (isHttp(line, firstLine === 'awaited')) return this.turnAwayHttp();
      this.firstLine = 'read';
      if (!this.greeted) return this.begin(line);
    }
    return this.text.line(line);
  }

  /** Greets, and runs the first line, in a turn in which there is time for one more newcomer. */
  private begin(line: string): void | Promise<void> {
    this.greeted = true;
    const begin = (): void | Promise<void> => {
      if (this.session.closed) return;
      this.sayGreeting();
      return this.text.line(line);
    };
    return this.shared.hub.newcomers.pass()?.then(begin) ?? begin();
  }

  /** A line that could not be read, or the last that will be. */
  private unread(why: Refusal): void | Promise<void> {
    if (why.code === 'tls-on-plain') return this.turnAwayTls();
    const last = why.code === 'line-endless' || why.code === 'flooding';
    if (last) this.connection.stopListening();
    const { session } = this;
    if (session.unsettled > 0) return session.whenSettled().then(() => this.unread(why));
    if (this.firstLine === 'awaited') this.firstLine = 'unread';
    this.greet();
    this.refuse(why);
    if (last) this.close(why.code);
  }

  ended(): void {
    if (this.firstLine instanceof HttpRequest) this.answerHttp(this.firstLine);
    else this.close('closed');
  }

  overflowed(): void {
    this.refuse(refusal('outbox-full', this.shared.outboxHard));
    this.close('outbox-full');
  }

  gone(why: LinkEnd): void {
    this.greeted = true;
    this.leaveHub(this.closing?.reason ?? why);
    this.owner?.gone(this);
  }

  // ——— SessionLink ———

  encoderFor(options: Options): Encoder {
    return this.shared.encoders.for(options);
  }

  refused(code: PostRefusal): void {
    this.refuse(this.shared.hub.postRefusal(code));
  }

  /** Closes once everything posted has its outcome and everything shown has left. */
  close(reason: EndReason, words?: string): void {
    if (this.closing !== null) return;
    this.closing = { reason, words };
    this.connection.stopListening();
    if (this.session.unsettled === 0) this.finish();
  }

  settled(): void {
    if (this.closing !== null) this.finish();
  }

  private finish(): void {
    if (this.closed) return;
    this.closed = true;
    this.greeted = true;
    this.leaveHub(this.closing?.reason ?? 'closed');
    this.connection.close();
  }

  private leaveHub(reason: EndReason): void {
    if (this.left) return;
    this.left = true;
    this.shared.hub.disconnect(this.session, this.closing?.words ?? TOLD[reason] ?? reason);
    this.shared.hub.counters.connectionClosed(reason);
  }

  private refuse(refused: Refusal): void {
    this.shared.hub.count(refused.code);
    this.face.refusal(refused);
  }

  /** Once; not any more where the client turned out not to want it. */
  greet(): void {
    if (this.greeted) return;
    this.greeted = true;
    this.sayGreeting();
  }

  private sayGreeting(): void {
    const { version, serverName, welcome, hub } = this.shared;
    this.outbox.pushText(greeting(version, serverName, welcome, hub.rules.accounts === 'open'));
    if (hub.stalledFor !== null) this.face.notice(STALLED);
  }

  private turnAwayHttp(): void {
    const { hub, page, serverName } = this.shared;
    hub.count('http-request');
    if (this.greeted) {
      this.face.refusal(refusal('http-request'));
      this.close('http-request');
      return;
    }
    // It is not to find a greeting in its answer.
    this.greeted = true;
    const request = new HttpRequest(page, serverName);
    this.firstLine = request;
    if (request.complete) this.answerHttp(request);
  }

  private header(request: HttpRequest, line: string | Refusal): void {
    request.header(line instanceof Refusal ? null : line);
    const last = line instanceof Refusal && line.code !== 'line-too-long';
    if (last || request.complete) this.answerHttp(request);
  }

  private answerHttp(request: HttpRequest): void {
    if (this.closing !== null) return;
    this.outbox.pushText(request.answer());
    this.close('http-request');
  }

  /** Nothing is answered: it would only be taken for TLS that is broken. */
  private turnAwayTls(): void {
    this.shared.hub.count('tls-on-plain');
    this.shared.hub.log.info('TLS was spoken on a plain port', { address: this.address });
    this.close('tls-on-plain');
  }
}

/** What a room is told of why somebody left, where that is not the reason's own word. */
const TOLD: Partial<Record<EndReason, string>> = {
  exit: '',
  closed: 'connection closed',
  reset: 'connection lost',
  timeout: 'connection lost',
  tls: 'connection lost',
  'outbox-full': 'was not reading',
  flooding: 'sent too much',
  'line-endless': 'sent too much',
  'shutting-down': 'parley is stopping',
};
