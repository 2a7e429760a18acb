/** What an operator does to others: each asks first, says who it is about, and tells when it is done. */
import { type Ban, type Connection, call, path } from './api.ts';
import { ask, type Field, type Question, tell, toast } from './dialogs.ts';
import { counted } from './format.ts';

const REASON: Field = { name: 'reason', label: 'Reason', hint: 'Shown to them. May be left empty.' };
const WHO = 'A name, an address (203.0.113.7), or a network (203.0.113.0/24).';

export class Actions {
  constructor(
    /** Something was done: what is shown may have changed. */
    private readonly done: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  async kick({ id, name, address }: Connection): Promise<void> {
    const who = name ?? address;
    await this.ask({
      title: `Kick ${who}?`,
      text: `The connection from ${address} is closed. They may come back; to keep them out, ban them.`,
      fields: [REASON],
      confirm: 'Kick',
      danger: true,
      run: async ({ reason }) => {
        await call('POST', path`/api/connections/${id}/kick`, { reason });
        toast(`Kicked ${who}.`);
      },
    });
  }

  /** Anybody, or whoever has this connection. */
  async ban(connection?: Connection): Promise<void> {
    const value = connection ? (connection.name ?? connection.address) : '';
    const hint = connection ? `${WHO} This one is on ${connection.address}.` : WHO;
    await this.ask({
      title: 'Ban from this server',
      text: 'Whoever it fits is closed at once, and is not let in again until the ban is lifted.',
      fields: [{ name: 'what', label: 'Who', value, required: true, hint }, REASON],
      confirm: 'Ban',
      danger: true,
      run: async ({ what = '', reason }) => {
        const { closed } = await call<{ closed: number }>('POST', '/api/bans', { what: what.trim(), reason });
        toast(`Banned ${what.trim()}. ${counted(closed, 'connection was', 'connections were')} closed.`);
      },
    });
  }

  async lift({ what, label }: Ban): Promise<void> {
    await this.ask({
      title: `Lift the ban on ${what}?`,
      fields: [],
      confirm: 'Lift the ban',
      run: async () => {
        await call('DELETE', path`/api/bans/${label}`);
        toast(`${what} is banned no more.`);
      },
    });
  }

  async announce(): Promise<void> {
    await this.ask({
      title: 'Announce to everyone',
      text: 'Everyone who is signed in is shown it at once, with your name, whatever room they are in.',
      fields: [{ name: 'text', label: 'Text', required: true }],
      confirm: 'Announce',
      run: async ({ text = '' }) => {
        const { connections } = await call<{ connections: number }>('POST', '/api/announcements', { text });
        toast(`Shown on ${counted(connections, 'connection', 'connections')}.`);
      },
    });
  }

  async closeRoom(room: string): Promise<void> {
    let key: string | null = null;
    await this.ask({
      title: `Close ${room}?`,
      text: 'Everyone is put out. The room is locked, and is in no list any more; its history stays.',
      fields: [REASON],
      confirm: 'Close the room',
      danger: true,
      run: async ({ reason }) => {
        ({ key } = await call<{ key: string }>('POST', path`/api/rooms/${room}/close`, { reason }));
      },
    });
    if (key === null) return;
    await tell(
      `${room} is closed`,
      'Who joins with its key opens it again, and runs it:',
      `/join ${room} ${key}`,
    );
  }

  async unlist(room: string): Promise<void> {
    await this.ask({
      title: `Unlist ${room}?`,
      text: 'It goes on, but only those who know its name find it: it is gone from every list, this one too.',
      fields: [],
      confirm: 'Unlist',
      run: async () => {
        await call('PUT', path`/api/rooms/${room}/unlisted`, { on: true });
        toast(`${room} is not listed any more.`);
      },
    });
  }

  private async ask(question: Question): Promise<void> {
    await ask({
      ...question,
      run: async values => {
        try {
          await question.run(values);
        } catch (error) {
          this.failed(error);
          throw error;
        }
        this.done();
      },
    });
  }
}
