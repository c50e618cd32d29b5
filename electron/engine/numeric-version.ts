/**
 * Orders dotted numbers part by part: `2.9` before `2.36` before `2.36.1`.
 * Negative: `left` is older; 0: equal. Anything behind the numbers is not looked at.
 */
export function compareNumbers(left: string, right: string): number {
  const a = left.split('.').map((part) => Number.parseInt(part, 10));
  const b = right.split('.').map((part) => Number.parseInt(part, 10));
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
