import type { BindValue } from './filter-conditions.js';

/** A position between two rows of one list: everything `forward` of the row with this key and id, or before it. */
export interface Position {
  isForward: boolean;
  /** Null for a row without a value there: adopted rows may have no name or e-mail address. */
  key: string | null;
  id: number;
}

export interface SortOrder {
  column: string;
  /** Text columns may hold NULL; they come last in ascending order, first in descending. */
  type: 'timestamp' | 'text';
  isAscending: boolean;
}

/**
 * The conditions for the rows beyond a position, in the order in which their rows come: one that an index serves each,
 * because a single condition with OR would make every page read the list from its beginning.
 */
export function conditionsBeyond(order: SortOrder, position: Position | undefined, bind: BindValue): string[] {
  if (position === undefined) return ['true'];
  const { column, type, isAscending } = order;
  const sign = isAscending ? '>' : '<';
  const id = bind(position.id, 'bigint');
  if (position.key === null) {
    const otherNulls = `(${column} IS NULL AND id ${sign} ${id})`;
    return isAscending ? [otherNulls] : [otherNulls, `${column} IS NOT NULL`];
  }
  const beyond = `(${column}, id) ${sign} (${bind(position.key, type)}, ${id})`;
  return isAscending && type === 'text' ? [beyond, `${column} IS NULL`] : [beyond];
}
