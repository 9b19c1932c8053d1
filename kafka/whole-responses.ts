/** Kafka's length of a response, before it. */
const LENGTH_BYTES = 4;
/** A response begins with the number of its request. */
const MIN_RESPONSE_BYTES = 4;
/** Far above what a fetch may bring here: a length above it is none. */
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

/**
 * Hands over the responses of one connection as a whole: kafkajs keeps the part of a response that it has read, and reads on
 * with what the next connection brings.
 *
 * @param deliver gets one or several whole responses, each with its length before it
 * @param onNonsense what came is no Kafka response: nothing that follows can be understood
 * @returns takes what arrives, as it arrives
 */
export function wholeResponses(
  deliver: (responses: Buffer) => void,
  onNonsense: (error: Error) => void,
): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let needed = LENGTH_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < needed) return;
    const arrived = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const read = measure(arrived);
    if (read === null) {
      onNonsense(new Error('what answers there does not speak as Kafka does'));
      return;
    }
    const rest = arrived.subarray(read.whole);
    chunks = rest.length === 0 ? [] : [rest];
    bytes = rest.length;
    needed = read.needed;
    if (read.whole > 0) deliver(arrived.subarray(0, read.whole));
  };
}

/** @returns how many bytes are whole responses, and how many the next one needs; null for what is no response */
function measure(arrived: Buffer): { readonly whole: number; readonly needed: number } | null {
  let whole = 0;
  while (arrived.length - whole >= LENGTH_BYTES) {
    const length = arrived.readInt32BE(whole);
    if (length < MIN_RESPONSE_BYTES || length > MAX_RESPONSE_BYTES) return null;
    if (arrived.length - whole - LENGTH_BYTES < length) return { whole, needed: LENGTH_BYTES + length };
    whole += LENGTH_BYTES + length;
  }
  return { whole, needed: LENGTH_BYTES };
}
