/** A command cannot do what it was asked to, for a reason that a person can repair. */
export class CliFailure extends Error {
  /** What to do, one sentence; empty when the message says it. */
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CliFailure'
    this.remedy = remedy
  }

  /** As it is printed: the sentence, and below it what to do. */
  get text(): string {
    return this.remedy === '' ? this.message : `${this.message}\n→ ${this.remedy}`
  }
}
