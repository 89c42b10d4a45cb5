/** SQL: a time as RFC 3339 text in UTC with six digits. */
export const utcTime = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** SQL: a row of `webhooks` as GET answers it and as its events have it. Secrets are in another table, out of its reach. */
export const WEBHOOK_JSON = `'{"id":"' || id
  || '","url":' || to_json(url)::text
  || ',"event_types":' || array_to_json(event_types)::text
  || ',"description":' || to_json(description)::text
  || ',"enabled":' || to_json(enabled)::text
  || ',"disabled_reason":' || coalesce(to_json(disabled_reason)::text, 'null')
  || ',"created_at":"' || ${utcTime('created_at')}
  || '","secret_created_at":"' || ${utcTime('secret_created_at')} || '"}'`;
