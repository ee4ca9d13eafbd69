using Dub.Clerk;
using Dub.Clerk.Authentication;

namespace System.Security.Claims;

/// <summary>What a verified Clerk session token says about the signed-in user.</summary>
/// <remarks>Only identities that Clerk's scheme made are asked (<see cref="ClerkAuthenticationDefaults.AuthenticationScheme"/>): a cookie or
/// another token with a <c>sub</c> of its own does not become a Clerk user.</remarks>
public static class ClerkClaimsPrincipalExtensions
{
    private const string ClickClaim = "dubClickId";

    /// <summary>The Clerk user id, <c>user_…</c>, from <c>sub</c>; null when no Clerk user is signed in.</summary>
    /// <param name="principal">The user of the request.</param>
    public static string? GetClerkUserId(this ClaimsPrincipal principal)
        => principal is SessionPrincipal { Untouched: { } token } ? token.Known.UserId : ClerkIdentity(principal)?.FindFirst("sub")?.Value;

    /// <summary>The Clerk session id, <c>sess_…</c>, from <c>sid</c>; null when no Clerk user is signed in.</summary>
    /// <param name="principal">The user of the request.</param>
    public static string? GetClerkSessionId(this ClaimsPrincipal principal) => ClerkIdentity(principal)?.FindFirst("sid")?.Value;

    /// <summary>The organization that is active in the session; null when there is none.</summary>
    /// <param name="principal">The user of the request.</param>
    public static ClerkOrganization? GetClerkOrganization(this ClaimsPrincipal principal) =>
        ClerkIdentity(principal) is { } identity ? OrganizationClaims.Read(identity) : null;

    /// <summary>Whether somebody else, such as a support agent, is signed in as this user: the token has an <c>act</c> claim.</summary>
    /// <param name="principal">The user of the request.</param>
    public static bool IsClerkImpersonation(this ClaimsPrincipal principal)
        => principal is SessionPrincipal { Untouched: { } token }
            ? token.Known.IsImpersonation
            : ClerkIdentity(principal)?.HasClaim(static claim => claim.Type == "act") == true;

    /// <summary>The click that the user's sign-up was credited to, as the token carries it; null when it carries none.</summary>
    /// <param name="principal">The user of the request.</param>
    /// <remarks>From the custom claim <c>{"metadata":"{{user.public_metadata}}"}</c> of Dub's recipe, or from
    /// <c>{"dubClickId":"{{user.public_metadata.dubClickId}}"}</c>, which spares the token the rest of the metadata. Only 16 ASCII letters
    /// and digits are a click id; the <c>n/a</c> that Dub's recipe writes for users who came without a click is none, but
    /// <see cref="HasDubClickClaim"/> tells it. The token follows a change of the metadata within a minute, when it is refreshed.</remarks>
    public static string? GetDubClickId(this ClaimsPrincipal principal) =>
        GetClickClaim(principal) is { } text && ClickId.IsValid(text) ? text : null;

    /// <summary>Whether the token says that the user has been joined with a click, or found to have none: whatever
    /// <c>dubClickId</c> holds, nothing remains to be done for this user.</summary>
    /// <param name="principal">The user of the request.</param>
    /// <remarks>True for a click id, and for the <c>n/a</c> of Dub's recipe. False when the claim is absent, null, empty or not a text.</remarks>
    public static bool HasDubClickClaim(this ClaimsPrincipal principal) => !string.IsNullOrEmpty(GetClickClaim(principal));

    /// <summary>Whether the session token was given a claim for the click, whatever it says.</summary>
    internal static bool HasCustomClaim(this ClaimsPrincipal principal)
        => principal is SessionPrincipal { Untouched: { } token }
            ? token.Known.HasCustomClaim
            : ClerkIdentity(principal)?.HasClaim(static claim => claim.Type is "metadata" or ClickClaim) == true;

    /// <summary>What the token says of the click, whatever that is.</summary>
    internal static string? GetClickClaim(this ClaimsPrincipal principal)
    {
        if (principal is SessionPrincipal { Untouched: { } token })
        {
            return token.Known.ClickClaim;
        }

        if (ClerkIdentity(principal) is not { } identity)
        {
            return null;
        }

        if (identity.FindFirst("metadata") is { } metadata
            && metadata.Value.Contains(ClickClaim, StringComparison.Ordinal)
            && ClaimJson.TryParse(metadata.Value) is { } document)
        {
            using (document)
            {
                if (ClaimJson.Text(document.RootElement, ClickClaim) is { Length: > 0 } fromMetadata)
                {
                    return fromMetadata;
                }
            }
        }

        return identity.FindFirst(ClickClaim) is { ValueType: ClaimValueTypes.String } claim ? claim.Value : null;
    }

    private static ClaimsIdentity? ClerkIdentity(ClaimsPrincipal principal)
    {
        ArgumentNullException.ThrowIfNull(principal);
        foreach (var identity in principal.Identities)
        {
            if (string.Equals(identity.AuthenticationType, ClerkAuthenticationDefaults.AuthenticationScheme, StringComparison.Ordinal))
            {
                return identity;
            }
        }

        return null;
    }
}
