/** A function to minimise: gives its value at `x` [n] and writes its gradient there into `gradient` [n]. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** Where the search ended. */
export interface Minimum {
  x: Float64Array;
  value: number;
  evaluations: number;
  /** False where the iterations ran out, or no step along the search direction lowered the value any more. */
  converged: boolean;
}

/** How many steps the curvature is estimated from. */
const MEMORY = 10;
/** Share of the promised decrease that a step must bring (Armijo). */
const SUFFICIENT = 1e-4;
/** Near the minimum the decrease is lost in the value's last digits, of which so much is no increase. */
const ROUNDING = 8 * Number.EPSILON;

/**
 * Minimises a smooth convex function by L-BFGS (Nocedal & Wright, "Numerical optimization", 2006, algorithms 7.4 and
 * 7.5). Steps are shortened until they bring enough; a convex function then needs no test of curvature. Deterministic.
 * @param start [n], left as it is; @param tolerance of the gradient's largest entry, in absolute value.
 */
export function minimise(objective: Objective, start: Float64Array, tolerance: number, iterations = 1000): Minimum {
  const n = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(x, gradient);
  let evaluations = 1;
  /** Steps and changes of the gradient, newest last, with 1 / (s · y). */
  const memory: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let i = 0; i < iterations; i++) {
    if (gradient.every((g) => Math.abs(g) <= tolerance)) return { x, value, evaluations, converged: true };
    const direction = searchDirection(gradient, memory);
    const slope = dot(direction, gradient);
    let step = memory.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    for (;;) {
      const next = x.map((v, j) => v + step * direction[j]);
      const nextGradient = new Float64Array(n);
      const nextValue = objective(next, nextGradient);
      evaluations++;
      if (nextValue <= value + SUFFICIENT * step * slope + ROUNDING * Math.abs(value)) {
        const s = next.map((v, j) => v - x[j]);
        const y = nextGradient.map((g, j) => g - gradient[j]);
        const curvature = dot(s, y);
        if (curvature > 0) memory.push({ s, y, rho: 1 / curvature });
        if (memory.length > MEMORY) memory.shift();
        [x, gradient, value] = [next, nextGradient, nextValue];
        break;
      }
      // The minimum of the parabola through value, slope and the value found, within a tenth and a half of the step.
      const parabola = (-slope * step * step) / (2 * (nextValue - value - slope * step));
      step = Math.min(0.5 * step, Math.max(0.1 * step, Number.isFinite(parabola) ? parabola : 0));
      if (step < 1e-20) return { x, value, evaluations, converged: false };
    }
  }
  return { x, value, evaluations, converged: false };
}

/** Minus the gradient times the estimated inverse Hessian: the two loops of algorithm 7.4. */
function searchDirection(
  gradient: Float64Array,
  memory: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of memory.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    add(q, y, -alpha);
  }
  const last = memory.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let j = 0; j < q.length; j++) q[j] *= scale;
  }
  for (const { s, y, rho } of memory) add(q, s, (alphas.pop() as number) - rho * dot(y, q));
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

/** a += factor · b */
function add(a: Float64Array, b: Float64Array, factor: number): void {
  for (let j = 0; j < a.length; j++) a[j] += factor * b[j];
}
