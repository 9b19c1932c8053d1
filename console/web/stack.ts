type Values = readonly (number | null)[];

/**
 * Counts that add up, as the upper edges of areas that lie on each other.
 *
 * @param layers over the same moments, the lowest first
 * @returns the edge of each; where no layer has a value, which is before anybody told anything, all of them have a gap
 */
export function stack(layers: readonly Values[]): (number | null)[][] {
  const edges: (number | null)[][] = [];
  for (const layer of layers) {
    const below = edges.at(-1);
    edges.push(
      layer.map((value, index) =>
        layers.every((each) => (each[index] ?? null) === null) ? null : (value ?? 0) + (below?.[index] ?? 0),
      ),
    );
  }
  return edges;
}
