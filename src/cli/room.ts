/** `parley room`: rooms, looked after by the owner of the server. */
import type { InferOutput } from 'valibot';
import { CLOSED_ROOM, LISTED, TOPIC_SET } from '../http/api/operator-shapes.ts';
import { MEMBERS, ROOM_DETAILS, ROOMS } from '../http/api/shapes.ts';
import { part } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted, json, minute, table } from './table.ts';

const MOST = 10_000;

const list: Work = {
  onStore: 'there',
  run: async ({ flags }, desk, io) => {
    const { rooms, total } = await desk.ask('GET', `/api/rooms?limit=${MOST}`, ROOMS);
    if (flags.has('json')) {
      await io.print(json({ rooms, total }));
      return undefined;
    }
    if (rooms.length === 0) io.say('there are no rooms');
    else
      await io.print(
        table(
          ['room', 'people', '', 'topic'],
          rooms.map(room => [room.name, room.people, room.unlisted ? 'unlisted' : '', room.topic ?? '']),
        ),
      );
    if (rooms.length < total) io.say(`these are the fullest ${rooms.length} of ${total} rooms`);
    return undefined;
  },
};

const show: Work = {
  onStore: 'there',
  run: async ({ words: [name = ''], flags }, desk, io) => {
    const room = await desk.ask('GET', pathOf(name), ROOM_DETAILS);
    const { members } = await desk.ask('GET', `${pathOf(name)}/members`, MEMBERS);
    if (flags.has('json')) await io.print(json({ ...room, members }));
    else await io.print(`${aboutRoom(room)}${members.length === 0 ? '' : `\n${memberTable(members)}`}`);
    return undefined;
  },
};

function aboutRoom(room: InferOutput<typeof ROOM_DETAILS>): string {
  const { topic = '', topicFrom = '', topicAt = '', lastId = 0 } = room;
  const marks = [
    ...(room.unlisted ? ['unlisted'] : []),
    ...(room.moderated ? ['moderated'] : []),
    ...(room.keyed ? ['locked with a key'] : []),
  ];
  const rows: [string, string][] = [
    ['room', room.name],
    ['people', `${counted(room.people, 'member')} here now`],
    ['topic', topic === '' ? '-' : `${topic} (${topicFrom}, ${minute(topicAt)} UTC)`],
    ['is', marks.length === 0 ? 'open to all, and listed' : marks.join(', ')],
    ['newest event', `#${lastId}`],
  ];
  // Without titles: the first row's are empty.
  return table(['', ''], rows).split('\n').slice(1).join('\n');
}

function memberTable(members: InferOutput<typeof MEMBERS>['members']): string {
  return table(
    ['member', 'rank', 'here'],
    members.map(({ name, rank, online, away }) => [
      name,
      rank === 'member' ? '' : rank,
      online ? (away === null ? 'yes' : `away ${away}`.trimEnd()) : 'no',
    ]),
  );
}

const close: Work = {
  onStore: 'there',
  run: async ({ words: [name = '', reason = ''] }, desk, io) => {
    const closed = await desk.ask('POST', `${pathOf(name)}/close`, CLOSED_ROOM, { reason });
    io.say(
      `${closed.room} is closed: ${counted(closed.putOut, 'member')} put out. Whoever joins with this key runs it:`,
    );
    await io.print(`${closed.key}\n`);
    return undefined;
  },
};

function listing(unlisted: boolean): Work {
  return {
    onStore: 'there',
    run: async ({ words: [name = ''] }, desk, io) => {
      const { room } = await desk.ask('PUT', `${pathOf(name)}/unlisted`, LISTED, { on: unlisted });
      io.say(`${room} is ${unlisted ? 'in no list now' : 'in all lists again'}`);
      return undefined;
    },
  };
}

const topic: Work = {
  onStore: 'there',
  run: async ({ words: [name = '', text = ''] }, desk, io) => {
    const set = await desk.ask('PUT', `${pathOf(name)}/topic`, TOPIC_SET, { topic: text });
    io.say(set.topic === '' ? `${set.room} has no topic now` : `the topic of ${set.room}: ${set.topic}`);
    return undefined;
  },
};

function pathOf(room: string): string {
  return `/api/rooms/${part(room)}`;
}

export const ROOM_WORK = { list, show, close, unlist: listing(true), relist: listing(false), topic };

export default operatorCommand('room', ROOM_WORK);
