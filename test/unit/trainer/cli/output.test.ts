import { afterEach, expect, it, vi } from 'vitest';
import { note, print, printJson, progress } from '../../../../trainer/src/cli/output.js';

afterEach(() => vi.restoreAllMocks());

it('shows what a device says of itself without what would take over the terminal', () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  }
  // Sets the window's title, goes up a line and erases it; the last is the one-byte form of ESC [.
  const hostname = 'desk\u001b]0;mine\u0007\u001b[1A\u001b[2K\r\u009b2J';
  print(`device\t${hostname}`);
  note(`error: ${hostname}\nsecond line`);
  printJson({ hostname });
  expect(written.join('')).not.toMatch(/[^\P{Cc}\n\t]/u);
  expect(written.slice(0, 2)).toEqual([
    'device\tdesk�]0;mine��[1A�[2K��2J\n',
    'error: desk�]0;mine��[1A�[2K��2J\nsecond line\n',
  ]);
  expect(JSON.parse(written[2]).hostname).toBe(`${hostname.slice(0, -3)}�2J`);
});

it('says how far a step is only where its end is known', () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  for (const hasEnd of [true, false]) {
    const shown = progress('playing', hasEnd);
    shown.update(0.25, '3 games');
    shown.stop();
  }
  expect(written).toEqual(['playing 25% 3 games\n', 'playing 3 games\n']);
});
