// The values of some leaves, in a row. (`Float64Array.from` with a function costs ten times as much.)

export function take(values: ArrayLike<number>, leaves: ArrayLike<number>): Float64Array {
  const taken = new Float64Array(leaves.length);
  for (let i = 0; i < leaves.length; i++) taken[i] = values[leaves[i] as number] as number;
  return taken;
}
