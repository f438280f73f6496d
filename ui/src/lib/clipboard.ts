/** Copies text; resolves to whether it worked. The clipboard API is absent where the page came over plain HTTP from elsewhere. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
