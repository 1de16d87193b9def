// The parts of the optimizer that are compared here. They are not in its package's index: tests find them beside
// the sources, the compiled benchmark beside the package's build.

const COMPILED = import.meta.url.includes('/test/dist/');

async function part<T>(source: () => Promise<T>, built: string): Promise<T> {
  if (!COMPILED) return source();
  return (await import(new URL(built, import.meta.resolve('@ampledger/optimizer')).href)) as T;
}

const [policy, solver, admission, rounding] = await Promise.all([
  part(() => import('../../../optimizer/src/policy/index.js'), './policy/index.js'),
  part(() => import('../../../optimizer/src/solver/index.js'), './solver/index.js'),
  part(() => import('../../../optimizer/src/admission/index.js'), './admission/index.js'),
  part(() => import('../../../optimizer/src/rounding/index.js'), './rounding/index.js'),
]);

export const { share, POLICIES } = policy;
export const { buildNetwork, createScratch, KIND, KINDS, linkOf } = solver;
export const { admit, createAdmissionScratch, TIER } = admission;
export const { createRoundingScratch, roundDown } = rounding;
