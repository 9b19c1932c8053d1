/** An answer of the brokers, by its name in the protocol; kafkajs' errors carry it as `type`, too. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly type: string;

  constructor(type: string) {
    super(type);
    this.type = type;
  }
}

export function brokersAway(): BusError {
  return new BusError('BROKER_NOT_AVAILABLE');
}
