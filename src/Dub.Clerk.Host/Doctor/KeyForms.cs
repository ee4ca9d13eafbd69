namespace Dub.Clerk.Host.Doctor;

/// <summary>Which key stands in which setting, told by how they begin.</summary>
internal static class KeyForms
{
    private static readonly (string Prefix, string Kind, string Home)[] Kinds =
    [
        ("pk_", "Clerk's publishable key (pk_…)", "CLERK_PUBLISHABLE_KEY"),
        ("sk_", "Clerk's secret key (sk_…)", "CLERK_SECRET_KEY"),
        ("whsec_", "a webhook's signing secret (whsec_…)", "CLERK_WEBHOOK_SIGNING_SECRET or DUB_WEBHOOK_SECRET"),
        ("dub_pk_", "a publishable key (dub_pk_…)", "DUBCLERK_PUBLISHABLE_KEY"),
        ("dub_", "Dub's API key (dub_…)", "DUB_API_KEY"),
        ("-----BEGIN", "a PEM key", "CLERK_JWT_KEY"),
        ("https://", "an address", "DubClerk__Issuer or DubClerk__JwksAddress"),
    ];

    /// <summary>What may stand in each setting. Where nothing is demanded, only what belongs elsewhere is a fault.</summary>
    private static readonly (string Setting, string[] Allowed, bool Demanded)[] Settings =
    [
        ("CLERK_PUBLISHABLE_KEY", ["pk_"], false),
        ("NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", ["pk_"], false),
        ("CLERK_SECRET_KEY", ["sk_"], true),
        ("CLERK_JWT_KEY", ["-----BEGIN"], false),
        ("CLERK_WEBHOOK_SIGNING_SECRET", ["whsec_"], false),
        ("DUB_API_KEY", ["dub_"], true),
        ("DUB_WEBHOOK_SECRET", ["whsec_"], false),
        ("DUBCLERK_API_KEY", ["dub_"], false),
        ("DUBCLERK_READ_API_KEY", ["dub_"], false),
        ("DUBCLERK_PUBLISHABLE_KEY", ["dub_pk_"], false),
    ];

    private static readonly string[] PublicPrefixes = ["NEXT_PUBLIC_", "VITE_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "PUBLIC_"];

    /// <summary>Whether it may be shown to the service that it is for: another's secret is nobody's business there.</summary>
    public static bool Fits(string setting, string value) => KindOf(value) is { } kind && Settings.Any(known => known.Setting == setting && known.Allowed.Contains(kind.Prefix));

    /// <returns>Each setting in which something stands that does not belong there.</returns>
    public static IEnumerable<(string Setting, Finding Fault)> Misplaced(IConfiguration configuration)
    {
        foreach (var (setting, allowed, demanded) in Settings)
        {
            if (configuration[setting]?.Trim() is not { Length: > 0 } value)
            {
                continue;
            }

            var found = KindOf(value);
            if (found is { } kind && !allowed.Contains(kind.Prefix))
            {
                yield return (setting, Finding.Fault($"{setting} holds {kind.Kind}.", $"Move it to {kind.Home}, and set {setting} to {KindOf(allowed[0])!.Value.Kind}."));
            }
            else if (demanded && found is null)
            {
                yield return (setting, Finding.Fault($"{setting} does not begin with {allowed[0]}.", $"Copy {KindOf(allowed[0])!.Value.Kind} again, whole and without quotes."));
            }
        }
    }

    /// <returns>Each setting that a build gives to every visitor, and holds a secret.</returns>
    public static IEnumerable<Finding> Published(IConfiguration configuration)
        => from setting in configuration.AsEnumerable()
           where PublicPrefixes.Any(prefix => setting.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
           where setting.Value is { } value && KindOf(value.Trim()) is { Prefix: "sk_" or "whsec_" or "dub_" }
           select Finding.Fault($"{setting.Key} holds a secret, and what begins like that is built into the pages that everybody reads.", "Replace the secret where it was made, and set the new one under its own name only.");

    private static (string Prefix, string Kind, string Home)? KindOf(string value)
    {
        foreach (var kind in Kinds)
        {
            if (value.StartsWith(kind.Prefix, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        return null;
    }
}
