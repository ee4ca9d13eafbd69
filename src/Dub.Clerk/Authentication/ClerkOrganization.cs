namespace Dub.Clerk.Authentication;

/// <summary>The organization that is active in a Clerk session, as the session token says. Read it with
/// <c>User.GetClerkOrganization()</c>.</summary>
/// <param name="Id"><c>org_…</c></param>
/// <param name="Slug">The organization's slug; null when the instance does not use slugs.</param>
/// <param name="Role">The user's role in it with its <c>org:</c> prefix, such as <c>org:admin</c>; null when the token names none.</param>
/// <param name="Permissions">The user's custom permissions in it, such as <c>org:dashboard:read</c>; empty when there are none. Clerk does
/// not put its own system permissions in the token.</param>
/// <remarks>Read from both forms of Clerk's tokens: version 1 (<c>org_id</c>, <c>org_role</c>, …) and the compact claims of version 2
/// (<c>o</c>, <c>fea</c>).</remarks>
public sealed record ClerkOrganization(string Id, string? Slug, string? Role, IReadOnlyList<string> Permissions)
{
    /// <summary>Whether <see cref="Permissions"/> has this one, compared exactly.</summary>
    /// <param name="permission">With its <c>org:</c> prefix, such as <c>org:dashboard:read</c>.</param>
    public bool HasPermission(string permission) => Permissions.Contains(permission, StringComparer.Ordinal);
}
