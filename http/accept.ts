/**
 * @param accept the request's `Accept`
 * @returns whether the client takes `application/json`: the most specific range that fits decides (RFC 9110, 12.5.1)
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, isWanted: weight === undefined || Number(weight.slice(2)) > 0 };
  });
  for (const type of ['application/json', 'application/*', '*/*']) {
    const matching = ranges.filter((range) => range.type === type);
    if (matching.length > 0) return matching.some(({ isWanted }) => isWanted);
  }
  return false;
}
