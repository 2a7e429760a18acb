/** Examples for the OpenAPI document: what is sent and what comes back, by method and path. Tested against the shapes. */

const MESSAGE = {
  type: 'message',
  id: 1042,
  at: '2026-01-15T10:30:15.000Z',
  room: 'ops',
  from: 'deploys',
  text: 'deploy done',
};

const BAN = { kind: 'address', what: '192.0.2.0/24', label: '192.0.2.0/24', reason: 'spam' };

const USER = {
  name: 'alice',
  operator: false,
  connections: 1,
  created: '2026-01-15T10:00:00.000Z',
  lastSeen: '2026-01-15T10:30:15.000Z',
};

const TOKEN = {
  id: 'k3x9q2ab',
  name: 'deploys',
  rooms: ['ops'],
  read: false,
  write: true,
  created: '2026-01-15T10:00:00.000Z',
  lastUsed: '2026-01-15T10:30:15.000Z',
};

export const EXAMPLES: Readonly<Record<string, { readonly body?: object; readonly answer?: unknown }>> = {
  'POST /api/rooms/:room/messages': { body: { text: 'deploy done' }, answer: MESSAGE },
  'GET /api/rooms/:room/messages': {
    answer: { messages: [MESSAGE], next: '/api/rooms/ops/messages?before=1042&limit=50' },
  },
  'GET /api/rooms/:room/messages/:id': { answer: MESSAGE },
  'POST /api/messages': {
    body: { to: 'alice', text: 'your build failed' },
    answer: {
      message: {
        type: 'private',
        id: 1043,
        at: '2026-01-15T10:30:26.000Z',
        from: 'deploys',
        to: 'alice',
        text: 'your build failed',
      },
      outcome: 'waiting',
    },
  },
  'GET /api/rooms': {
    answer: {
      rooms: [{ name: 'ops', people: 3, topic: 'all is well', unlisted: false, readable: true }],
      total: 1,
    },
  },
  'GET /api/rooms/:room/members': {
    answer: { room: 'ops', members: [{ name: 'alice', rank: 'operator', online: true, away: null }] },
  },
  'GET /api/search': { answer: { messages: [MESSAGE], complete: true } },
  'GET /api/connections': {
    answer: {
      total: 1,
      connections: [
        {
          id: 7,
          name: 'alice',
          account: true,
          address: '192.0.2.7',
          dialect: 'text',
          rooms: ['ops'],
          linesPerMinute: 4.5,
          outboxBytes: 0,
          idleMs: 1200,
          connectedAt: 1_768_473_015_000,
        },
      ],
    },
  },
  'POST /api/connections/:id/kick': {
    body: { reason: 'flooding' },
    answer: { name: 'mallory', closed: 1 },
  },
  'POST /api/users/:name/kick': { body: { reason: 'flooding' }, answer: { name: 'mallory', closed: 2 } },
  'GET /api/bans': { answer: { bans: [BAN] } },
  'POST /api/bans': { body: { what: '192.0.2.0/24', reason: 'spam' }, answer: { ...BAN, closed: 3 } },
  'DELETE /api/bans/:label*': { answer: BAN },
  'POST /api/announcements': { body: { text: 'back in five minutes' }, answer: { connections: 120 } },
  'POST /api/rooms/:room/close': {
    body: { reason: 'over' },
    answer: { room: 'ops', putOut: 12, key: 'c2qk4m9xw0ja' },
  },
  'PUT /api/rooms/:room/unlisted': { body: { on: true }, answer: { room: 'ops', unlisted: true } },
  'PUT /api/rooms/:room/topic': {
    body: { topic: 'all is well' },
    answer: { room: 'ops', topic: 'all is well' },
  },
  'GET /api/users': { answer: { users: [USER] } },
  'POST /api/users': { body: { name: 'alice', password: 'correct horse' }, answer: USER },
  'PUT /api/users/:name/password': {
    body: { password: 'battery staple' },
    answer: { name: 'alice', connections: 1 },
  },
  'PUT /api/users/:name/operator': { body: { on: true }, answer: { name: 'alice', operator: true } },
  'DELETE /api/users/:name': { answer: { name: 'alice', closed: 1 } },
  'POST /api/reload': { answer: { changed: ['line-rate'], restart: ['port'] } },
  'POST /api/drain': { answer: { connections: 42, timeoutMs: 5000 } },
  'GET /api/me': {
    answer: {
      kind: 'token',
      name: 'deploys',
      operator: false,
      rooms: ['ops'],
      read: false,
      write: true,
    },
  },
  'GET /api/tokens': { answer: { tokens: [TOKEN] } },
  'POST /api/tokens': {
    body: { name: 'deploys', rooms: ['ops'], write: true },
    answer: { ...TOKEN, lastUsed: null, secret: 'parley_3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs' },
  },
  'DELETE /api/tokens/:id': { answer: TOKEN },
};
