type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables one by one and remembers what was wrong with them, so that a bad environment is told in one message
 * that names every bad variable. Values never enter a message: they may be secrets. An empty value counts as unset.
 */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly variables: Variables) {}

  text(name: string): string | undefined {
    const value = this.variables[name]?.trim();
    return value ? value : undefined;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').flatMap((part) => (part.trim() ? [part.trim()] : []));
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    this.refuse(name, `must be an integer from ${range.min} to ${range.max}`);
    return fallback;
  }

  flag(name: string): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || ['false', '0', 'no', 'off'].includes(value)) return false;
    if (['true', '1', 'yes', 'on'].includes(value)) return true;
    this.refuse(name, 'must be true or false');
    return false;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(name);
    const found = allowed.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) this.refuse(name, `must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  }

  /** Whether each given URL parses and begins with one of the protocols (such as `postgres:`) and two slashes. */
  checkUrls(name: string, urls: string[], protocols: readonly string[]): void {
    const isFine = (text: string): boolean =>
      URL.canParse(text) && protocols.some((protocol) => text.toLowerCase().startsWith(`${protocol}//`));
    if (!urls.every(isFine)) this.refuse(name, `must be a URL that begins with ${protocols.join('// or ')}//`);
  }

  refuse(name: string, why: string): void {
    this.problems.push(`${name} ${why}`);
  }
}
