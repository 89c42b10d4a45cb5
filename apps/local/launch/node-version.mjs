/** The Node versions the packages run on; the same range stands under `engines` in package.json. */
const SERVED = [
  [20, 19],
  [22, 13],
  [24, 11],
];

/** Why this Node cannot run Tandem, in a sentence; null when it can. */
export function findNodeFault(version) {
  const [major, minor] = version.split('.').map(Number);
  const newest = SERVED.at(-1);
  if (major > newest[0] || SERVED.some(([least, minorLeast]) => major === least && minor >= minorLeast)) return null;
  const range = SERVED.map(([least, minorLeast]) => `${least}.${minorLeast}`).join(', ');
  return `Tandem needs Node ${range} or a later one of these lines, or a newer one; this is Node ${version}.`;
}
