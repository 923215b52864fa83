/** Which handlers receive a topic, and to which topics handlers send on. */
export class ForwardRoutes {
  readonly #receivers = new Map<string, object[]>();
  readonly #targets = new Map<object, string[]>();

  receive(topic: string, handler: object): void {
    const receivers = this.#receivers.get(topic) ?? [];
    receivers.push(handler);
    this.#receivers.set(topic, receivers);
  }

  /** Adds a way from a handler to a topic, unless messages would come back to the handler and go round for ever. */
  connect(handler: object, topic: string): boolean {
    if (this.#leadsTo(topic, handler, new Set())) return false;
    const targets = this.#targets.get(handler) ?? [];
    targets.push(topic);
    this.#targets.set(handler, targets);
    return true;
  }

  #leadsTo(topic: string, handler: object, seen: Set<string>): boolean {
    if (seen.has(topic)) return false;
    seen.add(topic);
    return (this.#receivers.get(topic) ?? []).some(
      (receiver) =>
        receiver === handler || (this.#targets.get(receiver) ?? []).some((next) => this.#leadsTo(next, handler, seen)),
    );
  }
}
