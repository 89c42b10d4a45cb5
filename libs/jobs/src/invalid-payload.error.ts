/** A job was told what this version of the program can't make sense of; trying again would not help. */
export class InvalidPayloadError extends Error {
  constructor(readonly field: string) {
    super(`The job's payload has no usable ${field}`);
    this.name = 'InvalidPayloadError';
  }
}
