using System.Collections.Concurrent;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Links;

/// <summary>Finds the link a visitor follows, and remembers it: while the store is slow or away, links that were followed before still lead where
/// they led.</summary>
internal sealed class LinkResolver(LinkStore links, HostOptions options, TimeProvider time)
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<(string Domain, string Key), Link> _known = new();

    /// <returns>The link; null when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer, and the link is not known from before.</exception>
    public async Task<Link?> FindAsync(string domain, string key)
    {
        var name = (domain, key);
        var finding = links.FindAsync(domain, key);
        try
        {
            var link = _known.ContainsKey(name) ? await finding.WaitAsync(options.RedirectPatience, time) : await finding;
            Remember(name, link);
            return link;
        }
        catch (Exception e) when (e is StoreException or TimeoutException && _known.TryGetValue(name, out _))
        {
            return _known.GetValueOrDefault(name);
        }
    }

    private void Remember((string Domain, string Key) name, Link? link)
    {
        if (link is null)
        {
            _known.TryRemove(name, out _);
            return;
        }

        if (_known.Count >= Capacity)
        {
            _known.Clear();
        }

        _known[name] = link;
    }
}
