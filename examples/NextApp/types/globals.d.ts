export {};

declare global {
  /** The custom claim: Clerk Dashboard, Sessions, Customize session token, {"metadata":"{{user.public_metadata}}"}. */
  interface CustomJwtSessionClaims {
    metadata?: { dubClickId?: string };
  }

  interface UserPublicMetadata {
    dubClickId?: string;
  }
}
