/** The stack cannot start, for a reason that a person can remove. The message is complete: print it without the stack. */
export class StackError extends Error {}
