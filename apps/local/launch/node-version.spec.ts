import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { findNodeFault } from './node-version.mjs';

describe('findNodeFault', () => {
  it.each(['20.19.0', '20.20.2', '22.13.0', '24.11.1', '25.0.0', '26.1.0'])('runs on Node %s', (version) => {
    expect(findNodeFault(version)).toBeNull();
  });

  it.each(['18.20.8', '20.18.3', '21.7.0', '22.12.0', '23.5.0', '24.10.0'])('names what Node %s lacks', (version) => {
    expect(findNodeFault(version)).toContain(`this is Node ${version}`);
  });

  it('is the range that package.json states', () => {
    expect(packageJson.engines.node).toBe('^20.19.0 || ^22.13.0 || >=24.11.0');
  });
});
