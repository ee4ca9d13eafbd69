export const clickCookie = 'dub_id';

/** Sixteen letters and digits, or it is no click. Whatever else stands in an address or a cookie was put there by somebody. */
export function isClickId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9A-Za-z]{16}$/.test(value);
}
