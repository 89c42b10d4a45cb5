/** What an endpoint may ask for: everything, all of one entity, or one type of event. */
const PATTERN = /^(?:\*|([a-z_]+)\.(?:\*|created|updated|deleted))$/;

/** Whether a text is one that events can be chosen by. @param entities that there are events of. */
export function isEventPattern(text: string, entities: readonly string[]): boolean {
  const match = PATTERN.exec(text);
  return match !== null && (match[1] === undefined || entities.includes(match[1]));
}

/** Whether an endpoint that asked for these wants an event of this type. */
export function matchesEventType(patterns: readonly string[], type: string): boolean {
  const entity = `${type.slice(0, type.indexOf('.'))}.*`;
  return patterns.some((pattern) => pattern === '*' || pattern === type || pattern === entity);
}
