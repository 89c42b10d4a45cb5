/** What a caller asks of a list, already checked for form: the same for pages, whole lists and counts. */
export interface ListRequest {
  /** A key of the listing's `sorts`, with `-` in front for descending. */
  sort: string;
  filters: ListFilters;
}

export interface ListFilters {
  /** Three or more characters match anywhere, one or two at the beginning; upper and lower case are the same. */
  q?: string;
  status?: string;
  customerId?: number;
  /** RFC 3339; exclusive. */
  createdAfter?: string;
  /** RFC 3339; exclusive. */
  createdBefore?: string;
}

export interface PageRequest extends ListRequest {
  /** 1–200. */
  limit: number;
  /** As a page's `next` or `previous` said it. */
  cursor?: string;
}

/** One page: each item is the text of one JSON object. A missing cursor means that there is nothing further. */
export interface Page {
  items: string[];
  next?: string;
  previous?: string;
}
