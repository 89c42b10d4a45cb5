import { computed, type Ref } from 'vue';
import { type LocationQuery, type LocationQueryRaw, useRoute, useRouter } from 'vue-router';

/** What a list can be asked for, by its name in the address. The first of `oneOf` is the default; free text has none. */
export type ListShape = Record<string, { oneOf?: readonly string[] }>;

export type ListState<Shape extends ListShape> = { [Name in keyof Shape]: string };

const defaultOf = (field: ListShape[string] | undefined): string => field?.oneOf?.[0] ?? '';

/** What the address says, with defaults for what it does not say or says wrongly. */
export function readListState<Shape extends ListShape>(query: LocationQuery, shape: Shape): ListState<Shape> {
  const entries = Object.entries(shape).map(([name, field]) => {
    const value = [query[name]].flat()[0] ?? '';
    return [name, field.oneOf && !field.oneOf.includes(value) ? defaultOf(field) : value];
  });
  return Object.fromEntries(entries);
}

/**
 * The address for a changed list: defaults are left out, names that are not the list's stay. A cursor belongs to one
 * sort and filter, so it goes whenever anything else changes.
 */
export function writeListState<Shape extends ListShape>(
  query: LocationQuery,
  shape: Shape,
  change: Partial<ListState<Shape>>,
): LocationQueryRaw {
  const state = { ...readListState(query, shape), cursor: '', ...change };
  const written: LocationQueryRaw = Object.fromEntries(Object.entries(query).filter(([name]) => !(name in shape)));
  for (const [name, value] of Object.entries<string>(state)) {
    if (value && value !== defaultOf(shape[name])) written[name] = value;
  }
  return written;
}

/** A list's state in the address: the back button undoes a change and a link brings it back. */
export function useListState<Shape extends ListShape>(shape: Shape) {
  const route = useRoute();
  const router = useRouter();
  const state: Ref<ListState<Shape>> = computed(() => readListState(route.query, shape));

  /** `replace` for changes that come many a second, as in typing: one entry of the history is enough for them. */
  function change(changed: Partial<ListState<Shape>>, { replace = false } = {}): void {
    const to = { query: writeListState(route.query, shape, changed), hash: route.hash };
    void (replace ? router.replace(to) : router.push(to));
  }

  return { state, change };
}
