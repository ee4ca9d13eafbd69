namespace Dub.Clerk.Authentication;

/// <summary>Names of the authentication that checks Clerk's session tokens.</summary>
public static class ClerkAuthenticationDefaults
{
    /// <summary>The scheme, <c>Clerk</c>: for <c>[Authorize(AuthenticationSchemes = …)]</c>, for a policy, and for
    /// <c>Configure&lt;JwtBearerOptions&gt;(…)</c> to add events of your own. It is also the <c>AuthenticationType</c> of the identity.</summary>
    /// <remarks>It becomes the default scheme only when the app has no scheme of its own.</remarks>
    public const string AuthenticationScheme = "Clerk";
}
