import type { FilterError } from '../../../../flow/filter.ts';

/**
 * The first mistake of a filter, found by the same code as the hub's. It is loaded when it is first needed; where that cannot be
 * done, the hub says what is wrong once the filter is applied.
 */
export async function checkFilter(text: string): Promise<FilterError | undefined> {
  try {
    const { compileFilter, FilterError } = await import('../../../../flow/filter.ts');
    try {
      compileFilter(text);
    } catch (error) {
      if (error instanceof FilterError) return error;
      throw error;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
