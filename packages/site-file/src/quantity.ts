// Quantities as people write them: `80 A`, `0.8 * 160 A`, `2 * 11 kW`, `10 min`. mathjs reads and works them
// out in a closed scope: the four operators, brackets, numbers and the units below; nothing else has a meaning.
// The text is bounded before it is read, and the tree is checked before it is evaluated.

import { err, ok, type Result } from '@ampledger/kernel';
import type { FactoryFunctionMap, MathNode, Unit } from 'mathjs';
import mathjs from 'mathjs/lib/browser/math.js';

export type Dimension = 'current' | 'power' | 'voltage' | 'time' | 'energy';

export interface Quantity {
  readonly dimension: Dimension;
  /** In amperes, watts, volts, seconds or watt-hours. */
  readonly value: number;
}

/** `a current`, `an energy`. */
export const dimensionWords = (dimension: Dimension): string =>
  `${dimension === 'energy' ? 'an' : 'a'} ${dimension}`;

export const EXPRESSION_CHARS_MAX = 100;
const DEPTH_MAX = 40;

const { parseDependencies, UnitDependencies, unaryMinusDependencies } = mathjs;
const { addDependencies, subtractDependencies, multiplyDependencies, divideDependencies } = mathjs;
const math = mathjs.create({
  parseDependencies,
  UnitDependencies,
  unaryMinusDependencies,
  addDependencies,
  subtractDependencies,
  multiplyDependencies,
  divideDependencies,
} as Record<string, FactoryFunctionMap>);

/**
 * Every unit that may be written, by dimension; the first is the one that the engine counts in. It counts amperes
 * times volts, so that a volt-ampere is a watt to it.
 */
export const UNITS: Readonly<Record<Dimension, readonly [string, ...string[]]>> = {
  current: ['A', 'mA', 'kA'],
  power: ['W', 'kW', 'MW', 'VA', 'kVA', 'MVA'],
  voltage: ['V', 'kV'],
  time: ['s', 'min', 'h'],
  energy: ['Wh', 'kWh', 'MWh'],
};
const DIMENSIONS: readonly Dimension[] = ['current', 'power', 'voltage', 'time', 'energy'];
const unitOf = (symbol: string): Unit => new math.Unit(1, symbol);
const SCOPE: ReadonlyMap<string, Unit> = new Map(
  Object.values(UNITS).flatMap((symbols) => symbols.map((symbol) => [symbol, unitOf(symbol)] as const)),
);
const OPERATIONS: ReadonlySet<string> = new Set(['add', 'subtract', 'multiply', 'divide', 'unaryMinus']);

/** The quantity that `text` stands for, or what is wrong with it. */
export function evaluateQuantity(text: string): Result<Quantity, string> {
  if (text.length > EXPRESSION_CHARS_MAX) return err(`is longer than ${EXPRESSION_CHARS_MAX} characters`);
  const stranger = /[^0-9A-Za-z.+\-*/() ]/u.exec(text);
  if (stranger) return err(`\`${text}\` has a character that means nothing here: \`${stranger[0]}\``);
  const tree = parseTree(text);
  if (!tree.ok) return tree;
  const fault = faultIn(tree.value, 0);
  if (fault !== undefined) return err(`\`${text}\`: ${fault}`);
  return evaluateTree(text, tree.value);
}

function parseTree(text: string): Result<MathNode, string> {
  try {
    return ok(math.parse(text));
  } catch (error) {
    return err(`\`${text}\` cannot be read: ${firstLower(messageOf(error))}`);
  }
}

/** Why the tree may not be evaluated, or undefined. Only what this lets through is ever run. */
function faultIn(node: MathNode, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return 'too deeply nested';
  if (math.isConstantNode(node)) {
    return typeof node.value === 'number' ? undefined : `\`${String(node.value)}\` is no number`;
  }
  if (math.isSymbolNode(node)) {
    return SCOPE.has(node.name)
      ? undefined
      : `\`${node.name}\` is no unit (known: ${[...SCOPE.keys()].join(', ')})`;
  }
  if (math.isParenthesisNode(node)) return faultIn(node.content, depth + 1);
  if (!math.isOperatorNode(node) || !OPERATIONS.has(node.fn)) {
    return 'only numbers, units, + - * / and brackets may be used';
  }
  if (node.implicit && !math.isSymbolNode(node.args[1] as MathNode)) return 'write `*` between factors';
  for (const arg of node.args) {
    const fault = faultIn(arg, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function evaluateTree(text: string, tree: MathNode): Result<Quantity, string> {
  if (math.isSymbolNode(tree)) return err(`\`${text}\` is a unit without a number`);
  let result: unknown;
  try {
    result = tree.compile().evaluate(new Map(SCOPE));
  } catch (error) {
    return err(`\`${text}\` cannot be worked out: ${firstLower(messageOf(error))}`);
  }
  if (typeof result === 'number') return err(`\`${text}\` has no unit`);
  if (!math.isUnit(result)) return err(`\`${text}\` is no quantity`);
  return quantityOf(text, result);
}

function quantityOf(text: string, unit: Unit): Result<Quantity, string> {
  for (const dimension of DIMENSIONS) {
    const base = UNITS[dimension][0];
    if (!unit.equalBase(unitOf(base))) continue;
    // Twelve digits: what is written is meant, not the noise of binary fractions.
    const value = Number(unit.toNumber(base).toPrecision(12));
    return Number.isFinite(value) ? ok({ dimension, value }) : err(`\`${text}\` is not finite`);
  }
  return err(`\`${text}\` is neither a current nor a power, voltage, time or energy`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const firstLower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
