using System.Globalization;
using System.Numerics;
using System.Security.Claims;

namespace Dub.Clerk.Authentication;

/// <summary>Reads the active organization from either version of Clerk's claims.</summary>
internal static class OrganizationClaims
{
    private const string RolePrefix = "org:";

    /// <summary>Over a thousand permissions; a token has room for far fewer.</summary>
    private const int MaxDigits = 400;

    public static ClerkOrganization? Read(ClaimsIdentity identity) =>
        identity.FindFirst("o") is { } compact ? ReadCompact(compact.Value, identity.FindFirst("fea")?.Value)
        : identity.FindFirst("org_id") is { Value.Length: > 0 } id ? new ClerkOrganization(
            id.Value,
            identity.FindFirst("org_slug")?.Value,
            identity.FindFirst("org_role")?.Value,
            [.. identity.FindAll("org_permissions").Select(claim => claim.Value)])
        : null;

    /// <summary>Version 2: <c>{"id","slg","rol","per":"manage,read","fpm":"3,2"}</c>, the role without its prefix.</summary>
    private static ClerkOrganization? ReadCompact(string json, string? features)
    {
        if (ClaimJson.TryParse(json) is not { } document)
        {
            return null;
        }

        using (document)
        {
            var organization = document.RootElement;
            if (ClaimJson.Text(organization, "id") is not { Length: > 0 } id)
            {
                return null;
            }

            var role = ClaimJson.Text(organization, "rol");
            return new ClerkOrganization(
                id,
                ClaimJson.Text(organization, "slg"),
                string.IsNullOrEmpty(role) || role.StartsWith(RolePrefix, StringComparison.Ordinal) ? role : RolePrefix + role,
                ReadPermissions(features, ClaimJson.Text(organization, "per"), ClaimJson.Text(organization, "fpm")));
        }
    }

    /// <summary>The i-th number of <c>fpm</c> belongs to the i-th feature whose scope names organizations, not to the i-th of all; its bit k
    /// stands for the k-th of <c>per</c>. The numbers outgrow 64 bits.</summary>
    private static List<string> ReadPermissions(string? features, string? names, string? maps)
    {
        var permissions = new List<string>();
        if (features is null || names is null || maps is null)
        {
            return permissions;
        }

        var permissionNames = names.Split(',', StringSplitOptions.TrimEntries);
        foreach (var (feature, map) in OrganizationFeatures(features).Zip(maps.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (map.Length > MaxDigits || !BigInteger.TryParse(map, NumberStyles.None, CultureInfo.InvariantCulture, out var bits))
            {
                continue;
            }

            for (var i = 0; i < permissionNames.Length; i++)
            {
                if (!((bits >> i) & BigInteger.One).IsZero)
                {
                    permissions.Add($"org:{feature}:{permissionNames[i]}");
                }
            }
        }

        return permissions;
    }

    private static IEnumerable<string> OrganizationFeatures(string features)
    {
        foreach (var feature in features.Split(',', StringSplitOptions.TrimEntries))
        {
            var colon = feature.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && feature.AsSpan(0, colon).Contains('o'))
            {
                yield return feature[(colon + 1)..];
            }
        }
    }
}
