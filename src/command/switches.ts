/** The commands that turn a room's switches on and off. */
import { setMode } from '../chat/moderation.ts';
import { command, type Row } from './row.ts';
import { onOff } from './say.ts';

interface Words {
  readonly summary: string;
  readonly detail: string;
  readonly on: string;
  readonly off: string;
}

function switchCommand(mode: 'moderated' | 'unlisted', words: Words): Row {
  return command({
    verb: mode,
    args: '[on|off]',
    summary: words.summary,
    details: [words.detail],
    need: 'operator',
    run: async (ctx, [value]) => {
      const { room } = ctx.seat;
      if (value !== undefined) {
        const on = onOff(value, `${mode} on|off`);
        if (on !== room[mode]) await setMode(ctx.hub, ctx.session, ctx.user, room, { mode, on });
      }
      const on = room[mode];
      ctx.show({ room: room.name, [mode]: on }, page =>
        page.notice(`${room.name} ${on ? words.on : words.off}.`),
      );
    },
  });
}

export const moderated = switchCommand('moderated', {
  summary: 'let only operators and those with a voice speak in the current room',
  detail: 'To give somebody a voice: voice <name>',
  on: 'is moderated',
  off: 'is not moderated',
});

export const unlisted = switchCommand('unlisted', {
  summary: 'take the current room out of all lists, or put it back',
  detail: 'Whoever knows its name can still join. For a room nobody can guess: create',
  on: 'is in no list',
  off: 'is listed',
});
