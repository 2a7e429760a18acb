import { expect, test } from 'bun:test';
import { socketCandidates, UNIT_SOCKET } from '../../src/cli/sockets.ts';
import { loadSettings } from '../../src/config/load.ts';
import { fakeWorld } from '../helper/world.ts';

function candidates(argv: string, there: readonly string[] = []): readonly string[] {
  const { config } = loadSettings(argv === '' ? [] : argv.split(' '), fakeWorld());
  return socketCandidates(config, path => there.includes(path));
}

test('a command without settings finds the parley of the machine, after one of its own', () => {
  expect(candidates('')).toEqual(['parley-data/parley.sock', UNIT_SOCKET]);
});

test('where there is a store, or one is named, it is no other parley that is meant', () => {
  expect(candidates('', ['./parley-data'])).toEqual(['parley-data/parley.sock']);
  expect(candidates('--data d')).toEqual(['d/parley.sock']);
  expect(candidates('--http-socket /s')).toEqual(['/s']);
  expect(candidates('--http-socket off')).toEqual([]);
  expect(candidates('--memory')).toEqual([]);
});
