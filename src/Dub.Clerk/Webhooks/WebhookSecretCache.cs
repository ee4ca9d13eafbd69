namespace Dub.Clerk.Webhooks;

/// <summary>The secrets in force, parsed once and parsed again only when the configured list has changed, so that each delivery can read
/// the options afresh and a rotation needs no restart.</summary>
internal sealed class WebhookSecretCache
{
    private Entry _current = new([], []);

    /// <summary>The usable secrets of a configured list. Unusable ones are left out; validation lets none get this far, at start
    /// or at a reload.</summary>
    public WebhookSecret[] Get(IList<string> configured)
    {
        var current = Volatile.Read(ref _current);
        if (SameTexts(current.Texts, configured))
        {
            return current.Secrets;
        }

        var texts = configured.ToArray();
        var secrets = new List<WebhookSecret>(texts.Length);
        foreach (var text in texts)
        {
            if (WebhookSecret.TryParse(text, out var secret, out _))
            {
                secrets.Add(secret);
            }
        }

        var entry = new Entry(texts, [.. secrets]);
        Volatile.Write(ref _current, entry);
        return entry.Secrets;
    }

    private static bool SameTexts(string[] known, IList<string> configured)
    {
        if (known.Length != configured.Count)
        {
            return false;
        }

        for (var i = 0; i < known.Length; i++)
        {
            if (!string.Equals(known[i], configured[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Entry(string[] Texts, WebhookSecret[] Secrets);
}
