/** Something that whoever starts the system can put right. Its message is one sentence for them, shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
