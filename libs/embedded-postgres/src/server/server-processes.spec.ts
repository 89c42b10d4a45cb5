import { describe, expect, it } from 'vitest';
import { belongsTo, clusterNameOf, parsePs } from './server-processes.js';

const directory = '/data/my clusters/primary';

describe('belongsTo', () => {
  it('knows the postmaster and an initdb by their directory', () => {
    expect(belongsTo(['/opt/bin/postgres', '-D', directory, ''], directory)).toBe(true);
    expect(belongsTo(['/opt/bin/initdb', '-D', directory, '-U', 'x'], directory)).toBe(true);
  });

  it('knows a child by the name its title carries', () => {
    expect(belongsTo([`postgres: ${clusterNameOf(directory)}: walwriter `], directory)).toBe(true);
  });

  it('does not take the servers of other directories, nor other programs, for it', () => {
    expect(belongsTo(['/opt/bin/postgres', '-D', `${directory}-2`], directory)).toBe(false);
    expect(belongsTo([`postgres: ${clusterNameOf(`${directory}-2`)}: walwriter`], directory)).toBe(false);
    expect(belongsTo(['/usr/bin/vim', '-D', directory], directory)).toBe(false);
    expect(belongsTo([''], directory)).toBe(false);
  });
});

describe('parsePs', () => {
  it('finds the directory behind -D, blanks included, and leaves titles whole', () => {
    const output = `  12 /opt/bin/postgres -D ${directory}\n 345 /opt/bin/initdb -D ${directory} -U tandem --encoding=UTF8\n6 postgres: x: walwriter\n`;
    expect(parsePs(output)).toEqual([
      { pid: 12, words: ['/opt/bin/postgres', '-D', directory] },
      { pid: 345, words: ['/opt/bin/initdb', '-D', directory] },
      { pid: 6, words: ['postgres: x: walwriter'] },
    ]);
  });
});
