/** Which events a reader wants; whatever is left out is no condition. */
export interface EventFilter {
  /** `customer.created`, `customer.*`, `*`; an event of any of them will do. */
  types?: readonly string[];
  entity?: string;
  /** Only together with `entity`. */
  entityId?: string;
  /** Kinds of entities that are left out, whatever else is asked for. */
  hidden?: readonly string[];
}

/** The same in the terms of the table: one of the types or of the entities; null where all are wanted. */
export interface EventKinds {
  types: string[];
  entities: string[];
}

const PATTERN = /^(\*|[a-z][a-z_]*\.(\*|[a-z][a-z_]*))$/;

/** Whether a text can be one of `types`. */
export function isEventPattern(text: string): boolean {
  return text.length <= 100 && PATTERN.test(text);
}

export function kindsOf({ types }: EventFilter): EventKinds | null {
  if (types === undefined || types.includes('*')) return null;
  const whole = types.filter((type) => type.endsWith('.*'));
  return { types: types.filter((type) => !type.endsWith('.*')), entities: whole.map((type) => type.slice(0, -2)) };
}

/** Whether a filter lets an event through. */
export function isWanted(filter: EventFilter, event: { type: string; entity: string; entityId: string }): boolean {
  if (filter.hidden?.includes(event.entity)) return false;
  const kinds = kindsOf(filter);
  const isKind = kinds === null || kinds.types.includes(event.type) || kinds.entities.includes(event.entity);
  const isEntity = filter.entity === undefined || filter.entity === event.entity;
  return isKind && isEntity && (filter.entityId === undefined || filter.entityId === event.entityId);
}
