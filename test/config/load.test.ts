import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { firstProblem, loadSettings, reloaded } from '../../src/config/load.ts';
import { type Config, KEYS, propertyOf, rowOf, variableOf } from '../../src/config.ts';
import { fakeWorld } from '../helper/world.ts';

type Parts = Parameters<typeof fakeWorld>[0];

function load(argv: string, parts?: Parts) {
  return loadSettings(argv === '' ? [] : argv.split(' '), fakeWorld(parts));
}

/** The settings where they are right; a test about wrong ones fails here. */
function config(argv: string, parts?: Parts): Config {
  const loaded = load(argv, parts);
  expect(loaded.problems.map(String)).toEqual([]);
  return loaded.config;
}

function problems(argv: string, parts?: Parts): string[] {
  return load(argv, parts).problems.map(problem => problem.message);
}

function toml(text: string): Parts {
  return { files: { 'parley.toml': text } };
}

describe('a flag wins over a variable, a variable over the file, the file over the default', () => {
  const all: Parts = { env: { PARLEY_LINE_RATE: '2' }, files: { 'parley.toml': 'line-rate = 3' } };
  const cases: readonly (readonly [string, Parts, number, string])[] = [
    ['--line-rate 1', all, 1, '--line-rate'],
    ['', all, 2, 'PARLEY_LINE_RATE'],
    ['', toml('# rates\n\nline-rate = 3'), 3, 'parley.toml:3'],
    ['', {}, 10, 'default'],
  ];
  test.each(cases)('%s %j', (argv, parts, value, from) => {
    const loaded = load(argv, parts);
    expect(loaded.config.lineRate).toBe(value);
    expect(loaded.origins['line-rate']).toBe(from);
    expect(loaded.problems).toEqual([]);
  });

  test('whichever of them are there, for any number', () => {
    const maybe = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined });
    fc.assert(
      fc.property(maybe, maybe, maybe, (flag, variable, file) => {
        const argv = flag === undefined ? '' : `--line-rate=${flag}`;
        const env: Record<string, string> =
          variable === undefined ? {} : { PARLEY_LINE_RATE: String(variable) };
        const files: Record<string, string> =
          file === undefined ? {} : { 'parley.toml': `line-rate = ${file}` };
        expect(config(argv, { env, files }).lineRate).toBe(flag ?? variable ?? file ?? 10);
      }),
    );
  });

  test('every setting is known by its flag, its variable and, but for config, its key', () => {
    for (const key of KEYS) {
      const { kind, inFile } = rowOf(key);
      // A text that no kind takes: what matters is that the setting was found.
      const wrong = kind.parse('\u0000') === '\u0000' ? null : '\u0000';
      expect([key, wrong]).toEqual([key, '\u0000']);
      expect(loadSettings([`--${key}=\u0000`], fakeWorld()).problems[0]?.message).toStartWith(
        `${key}, from --${key}:`,
      );
      const env = { [variableOf(key)]: '\u0000' };
      expect(problems('', { env })[0]).toStartWith(`${key}, from ${variableOf(key)}:`);
      if (inFile !== false)
        expect(problems('', toml(`\n${key} = "\\u0000"`))[0]).toStartWith(`${key}, from parley.toml:2:`);
      expect(load('').config).toHaveProperty(propertyOf(key));
    }
  });
});

describe('the command line', () => {
  test('takes --key value, --key=value and short forms', () => {
    expect(config('--port 1').port).toBe(1);
    expect(config('--port=2').port).toBe(2);
    expect(config('-p 3').port).toBe(3);
    expect(config('-p=4').port).toBe(4);
    expect(config('--port 5 --port 6').port).toBe(6);
    expect(loadSettings(['--welcome', 'a = b'], fakeWorld()).config.welcome).toBe('a = b');
    expect(loadSettings(['--welcome=a = b'], fakeWorld()).config.welcome).toBe('a = b');
  });

  test('takes switches with and without a value', () => {
    expect(config('--memory').memory).toBe(true);
    expect(config('--memory --port 1')).toMatchObject({ memory: true, port: 1 });
    expect(config('--memory off').memory).toBe(false);
    expect(config('--no-memory', { env: { PARLEY_MEMORY: 'on' } }).memory).toBe(false);
    expect(config('--limits off').limits).toBe(false);
    expect(config('--no-limits').limits).toBe(false);
  });

  test('takes lists with commas and by repeating the flag', () => {
    expect(config('--exempt-from 10.0.0.0/8,::1 --exempt-from 192.0.2.1').exemptFrom).toEqual([
      '10.0.0.0/8',
      '::1',
      '192.0.2.1',
    ]);
    expect(config('--exempt-from none').exemptFrom).toEqual([]);
  });

  test('takes the switches of its command, and only those', () => {
    expect(loadSettings(['--json'], fakeWorld(), ['json']).switches).toEqual(new Set(['json']));
    expect(problems('--json')).toHaveLength(1);
  });

  test('says what is wrong with it', () => {
    expect(problems('--port')).toEqual([
      'port, from --port: its value is missing. Allowed: 1 to 65535, or auto (0) for a free one',
    ]);
    expect(problems('--port --memory')).toHaveLength(1);
    expect(problems('--port -1')).toEqual([
      'port, from --port: "-1" is not a port. Allowed: 1 to 65535, or auto (0) for a free one',
    ]);
    expect(problems('--prot 1')).toEqual([
      '--prot, from the command line: there is no such setting. Did you mean --port?',
    ]);
    expect(problems('--frobnicate')).toEqual([
      '--frobnicate, from the command line: there is no such setting. All of them: parley serve --help',
    ]);
    expect(problems('-x 1')).toHaveLength(1);
    expect(problems('--no-port')).toHaveLength(1);
    expect(problems('--no-memory=on')).toEqual(['memory, from --no-memory: it takes no value.']);
    expect(problems('--memory maybe')).toEqual([
      '"maybe": a setting was expected here, such as --port 8080.',
    ]);
    expect(problems('--memory=maybe')).toEqual([
      'memory, from --memory: "maybe" is neither on nor off. Allowed: on or off',
    ]);
    expect(problems('8080')).toEqual(['"8080": a setting was expected here, such as --port 8080.']);
    expect(problems('--port 1 -- x')).not.toEqual([]);
    expect(problems('--accounts closed')).toEqual([
      'accounts, from --accounts: "closed" is not one of them. Allowed: open or required',
    ]);
  });
});

describe('the environment', () => {
  test('is read by PARLEY_ and the name in capitals; an empty variable is none', () => {
    expect(
      config('', { env: { PARLEY_SERVER_NAME: 'x.example', PORT: '1', PARLEY_PORT: '' } }),
    ).toMatchObject({
      serverName: 'x.example',
      port: 8080,
    });
  });

  test('is refused where a PARLEY_ variable is no setting', () => {
    expect(problems('', { env: { PARLEY_LINE_RATES: '3' } })).toEqual([
      'PARLEY_LINE_RATES, from the environment: there is no such setting. Did you mean PARLEY_LINE_RATE?',
    ]);
  });
});

describe('the file', () => {
  test('holds numbers, strings, switches and arrays', () => {
    const text =
      'port = 9_000\nmemory = true\nlimits = "off"\nline-bytes = "8K"\nexempt-from = ["::1", "unix"]\nproxy-from = "10.0.0.0/8"';
    expect(config('', toml(text))).toMatchObject({
      port: 9000,
      memory: true,
      limits: false,
      lineBytes: 8192,
      exemptFrom: ['::1', 'unix'],
      proxyFrom: ['10.0.0.0/8'],
    });
    expect(config('', toml('\ufeffport = 1\r\nmemory = true\r\n')).port).toBe(1);
    expect(config('', toml('')).port).toBe(8080);
  });

  test('is the one named, else parley.toml, else /etc/parley/parley.toml', () => {
    const files = {
      'parley.toml': 'port = 1',
      '/etc/parley/parley.toml': 'port = 2',
      '/a.toml': 'port = 3',
      'b.toml': 'port = 4',
    };
    expect(config('--config /a.toml', { files, env: { PARLEY_CONFIG: 'b.toml' } })).toMatchObject({
      port: 3,
      config: '/a.toml',
    });
    expect(config('', { files, env: { PARLEY_CONFIG: 'b.toml' } }).port).toBe(4);
    expect(config('', { files }).port).toBe(1);
    expect(config('', { files: { '/etc/parley/parley.toml': 'port = 2' } })).toMatchObject({
      port: 2,
      config: '/etc/parley/parley.toml',
    });
    expect(config('')).toMatchObject({ port: 8080, config: null });
  });

  test('is refused where it is named and cannot be read', () => {
    expect(problems('--config nowhere.toml')).toEqual([
      'config, from --config: there is no file "nowhere.toml".',
    ]);
    const denied = Object.assign(new Error("EACCES: permission denied, open 'parley.toml'"), {
      code: 'EACCES',
    });
    expect(problems('', { files: { 'parley.toml': denied } })).toEqual([
      'config, from default: cannot read "parley.toml": permission denied.',
    ]);
  });

  test('is refused with its line', () => {
    expect(problems('', toml('# port\n\nport = 99999'))).toEqual([
      'port, from parley.toml:3: "99999" is more than 65535. Allowed: 1 to 65535, or auto (0) for a free one',
    ]);
    expect(problems('', toml('port = 1\nprot = 2'))).toEqual([
      'prot, from parley.toml:2: there is no such setting. Did you mean port?',
    ]);
    expect(problems('', toml('port = 1\nport = 2'))).toEqual([
      "parley.toml:2: this is not TOML: Cannot redefine key 'port'.",
    ]);
    expect(problems('', toml('memory = true\nline-bytes = 4K\nport = 1'))).toEqual([
      expect.stringMatching(/^parley\.toml:2: this is not TOML: .* needs quotes: "4K"\.$/),
    ]);
    expect(problems('', toml('exempt-from = [\n"::1",\n]\nport ='))).toEqual([
      expect.stringMatching(/^parley\.toml:4: /),
    ]);
    expect(problems('', toml('[limits]\nlines = 5'))).toEqual([
      'limits, from parley.toml:1: it is neither a string, a number, true nor false. Allowed: on or off',
    ]);
    expect(problems('', toml('[server]\nport = 5'))).toEqual([
      '[server], from parley.toml:1: settings stand in no tables. Write each as key = value.',
    ]);
    expect(problems('', toml('port = [1]'))[0]).toStartWith(
      'port, from parley.toml:1: it takes one value, not an array.',
    );
    expect(problems('', toml('exempt-from = [1]'))[0]).toStartWith(
      'exempt-from, from parley.toml:1: its array may hold strings only.',
    );
    expect(problems('', toml('port = 1.5'))[0]).toStartWith('port, from parley.toml:1: "1.5" is not a port.');
    expect(problems('', toml('history-age = 1979-05-27'))[0]).toStartWith(
      'history-age, from parley.toml:1: it is neither',
    );
    expect(problems('', toml('config = "x"'))[0]).toStartWith(
      'config, from parley.toml:1: it cannot stand in the file.',
    );
  });

  test('never makes loading throw, whatever is in it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void load('', toml(text))));
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), argv => void loadSettings(argv, fakeWorld())),
    );
  });
});

describe('settings that do not go together', () => {
  const files = { 'c.pem': 'C', 'k.pem': 'K' };
  const cases: readonly (readonly [string, string])[] = [
    [
      '--tls-port 6697',
      'tls-port, from --tls-port: tls:*:6697 needs a certificate. Give tls-cert (and tls-key).',
    ],
    [
      '--listen tls::6697',
      'listen, from --listen: tls:*:6697 needs a certificate. Give tls-cert (and tls-key).',
    ],
    ['--tls-key k.pem', 'tls-key, from --tls-key: a key alone does nothing. Give tls-cert too.'],
    ['--tls-port 1 --tls-cert no.pem', 'tls-cert, from --tls-cert: there is no file "no.pem".'],
    ['--tls-cert c.pem --tls-key no.pem', 'tls-key, from --tls-key: there is no file "no.pem".'],
    ['--port 1 --tls-port 1 --tls-cert c.pem', 'tls-port, from --tls-port: *:1 is there twice.'],
    ['--listen :1,:1', 'listen, from --listen: *:1 is there twice.'],
    [
      '--outbox-hard 128K',
      'outbox-hard, from --outbox-hard: outbox-hard (128K) is less than outbox-soft (256K).',
    ],
    ['--outbox-soft 2M', 'outbox-soft, from --outbox-soft: outbox-hard (1M) is less than outbox-soft (2M).'],
    [
      '--outbox-soft 16K --line-bytes 16K',
      'outbox-soft, from --outbox-soft: outbox-soft (16K) does not hold two lines of line-bytes (16K).',
    ],
  ];
  test.each(cases)('%s', (argv, message) => {
    expect(problems(argv, { files })).toEqual([message]);
  });

  test('a certificate that may not be read is named with the reason', () => {
    const denied = new Error("EACCES: permission denied, open 'c.pem'");
    expect(problems('--tls-port 1 --tls-cert c.pem', { files: { 'c.pem': denied } })).toEqual([
      'tls-cert, from --tls-cert: cannot read "c.pem": permission denied.',
    ]);
  });

  test('those that do are taken', () => {
    config('--tls-port auto --port auto --tls-cert c.pem', { files });
    config('--listen :1,tls:127.0.0.1:2,unix:/run/p --tls-cert c.pem --tls-key k.pem', { files });
    config('--outbox-soft 1M --outbox-hard 1M');
  });
});

describe('defaults', () => {
  test('data is where systemd says, else ./parley-data', () => {
    expect(config('').data).toBe('./parley-data');
    const loaded = load('', { env: { STATE_DIRECTORY: '/var/lib/parley:/var/lib/other' } });
    expect(loaded.config.data).toBe('/var/lib/parley');
    expect(loaded.origins.data).toBe('$STATE_DIRECTORY');
    expect(config('--data d', { env: { STATE_DIRECTORY: '/s' } }).data).toBe('d');
  });

  test('the server is called what the host is, made fit', () => {
    expect(config('', { hostname: 'ship.example' }).serverName).toBe('ship.example');
    expect(config('', { hostname: '_käpt n_' }).serverName).toBe('k-pt-n-');
    expect(config('', { hostname: '' }).serverName).toBe('parley');
    fc.assert(
      fc.property(fc.string(), hostname => {
        const name = config('', { hostname }).serverName;
        expect(config(`--server-name ${name}`).serverName).toBe(name);
      }),
    );
  });
});

test('there are no more connections than open files, unless somebody insists', () => {
  expect(config('').connections).toBe(15_000);
  expect(config('', { openFiles: 20_000 }).connections).toBe(15_000);
  const few = load('', { openFiles: 1024 });
  expect(few.config.connections).toBe(960);
  expect(few.origins.connections).toBe('open files');
  expect(config('', { openFiles: 20 }).connections).toBe(1);
  expect(config('--connections 5000', { openFiles: 1024 }).connections).toBe(5000);
});

test('limits off lifts every rate and every limit per address, whatever they were set to', () => {
  const { config, origins } = load('--limits off --line-rate 3 --connections-per-address 2');
  expect(config).toMatchObject({
    lineRate: 0,
    connectionsPerAddress: 0,
    floodClose: 0,
    signInAttemptsPerAddress: 0,
    signInAttemptsPerAccount: 0,
    registrationsPerAddress: 0,
    connections: 15_000,
    lineBytes: 4096,
  });
  expect(origins['line-rate']).toBe('limits = off');
  // 0 has to mean "no limit" to every setting that limits = off sets to it.
  for (const key of KEYS) if (rowOf(key).limit) expect([key, rowOf(key).kind.parse('0')]).toEqual([key, 0]);
});

test('a reload takes the live settings and names those that must wait', () => {
  const running = config('--port 1 --line-rate 1 --exempt-from 10.0.0.0/8');
  const next = config('--port 2 --line-rate 2 --exempt-from 10.0.0.0/8 --listen :3');
  const { config: merged, waiting } = reloaded(running, next);
  expect(waiting).toEqual(['port', 'listen']);
  expect(merged).toEqual({ ...running, lineRate: 2 });
  expect(reloaded(running, config('--port 1 --exempt-from 10.0.0.0/8')).waiting).toEqual([]);
});

test('the first problem is what a start says, with how many more there are', () => {
  const two = load('--port x --memory=x');
  expect(two.problems).toHaveLength(2);
  expect(firstProblem(two.problems)?.message).toBe(
    'port, from --port: "x" is not a port. Allowed: 1 to 65535, or auto (0) for a free one (1 more: parley check)',
  );
  expect(firstProblem([])).toBeNull();
});

test('no problem spreads over several lines or carries control characters', () => {
  const nasty = fc.string({ unit: 'binary' }).map(text => `\x1b[2J\n${text}`);
  fc.assert(
    fc.property(fc.constantFrom(...KEYS), nasty, (key, text) => {
      const flag = loadSettings([`--${key}=${text}`], fakeWorld());
      const unknown = loadSettings([`--x${text}`, text], fakeWorld({ env: { [`PARLEY_X${text}`]: 'y' } }));
      const file = loadSettings([], fakeWorld({ files: { 'parley.toml': `${JSON.stringify(text)} = 1` } }));
      for (const { message } of [...flag.problems, ...unknown.problems, ...file.problems]) {
        expect(message).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});
