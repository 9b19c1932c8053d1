/**
 * @param accept the request's `Accept`
 * @param mediaType what would be answered, for example `application/json`
 * @returns whether the client takes it: the most specific range that fits decides (RFC 9110, 12.5.1)
 */
export function accepts(accept: string | undefined, mediaType: string): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, isWanted: weight === undefined || Number(weight.slice(2)) > 0 };
  });
  for (const type of [mediaType, mediaType.replace(/\/.*/, '/*'), '*/*']) {
    const matching = ranges.filter((range) => range.type === type);
    if (matching.length > 0) return matching.some(({ isWanted }) => isWanted);
  }
  return false;
}
