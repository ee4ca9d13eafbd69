namespace Dub.Clerk.Host.Links;

/// <summary>Where a click is sent: the target, the visitor's own parameters over it, and the click.</summary>
internal static class TargetUrl
{
    private const string ClickParameter = "dub_id";

    /// <summary>A target that has this in its query takes the click as Stripe's payment links do: <c>client_reference_id=dub_id_…</c>.</summary>
    private const string AsReference = "dub_client_reference_id";
    private const string ReferenceParameter = "client_reference_id";

    /// <summary>Parameters that speak to the short link and not to its target.</summary>
    private static readonly string[] Ours = ["dub-no-track", "redir_url"];

    /// <summary>Puts the parts together. Every parameter stays as it was encoded; of one that is in both, the visitor's wins.</summary>
    /// <param name="target">The link's target.</param>
    /// <param name="query">The query the visitor came with, as received, with or without <c>?</c>.</param>
    /// <param name="clickId">Null where the target is not told of the click.</param>
    public static string Compose(string target, string? query, string? clickId)
    {
        var hash = target.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? string.Empty : target[hash..];
        var address = hash < 0 ? target : target[..hash];
        var question = address.IndexOf('?', StringComparison.Ordinal);
        var own = Parameters(question < 0 ? string.Empty : address[(question + 1)..]).ToList();
        var brought = Parameters(query).Where(parameter => !Ours.Contains(NameOf(parameter), StringComparer.Ordinal) && parameter != "qr=1").ToList();
        var asReference = own.RemoveAll(parameter => parameter == AsReference + "=1") > 0;
        if (clickId is not null)
        {
            var (name, value) = asReference ? (ReferenceParameter, $"{ClickParameter}_{clickId}") : (ClickParameter, clickId);
            brought.RemoveAll(parameter => NameOf(parameter) == name);
            brought.Add($"{name}={value}");
        }

        var replaced = brought.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var all = own.Where(parameter => !replaced.Contains(NameOf(parameter))).Concat(brought).ToList();
        return (question < 0 ? address : address[..question]) + (all.Count == 0 ? string.Empty : "?" + string.Join('&', all.Select(Encode))) + fragment;
    }

    /// <summary>What a visitor typed may hold bytes that no header takes; they are encoded, and everything else stays as it is.</summary>
    private static string Encode(string parameter)
        => parameter.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? string.Concat(parameter.EnumerateRunes().Select(rune => rune.Value is > ' ' and <= '~' ? rune.ToString() : Uri.EscapeDataString(rune.ToString())))
            : parameter;

    private static IEnumerable<string> Parameters(string? query)
        => (query ?? string.Empty).TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);

    private static string NameOf(string parameter) => Uri.UnescapeDataString(parameter.Split('=', 2)[0].Replace('+', ' '));
}
