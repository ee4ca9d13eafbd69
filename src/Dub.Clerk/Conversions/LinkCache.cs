using System.Collections.Concurrent;
using Dub.Clerk.Store;

namespace Dub.Clerk.Conversions;

/// <summary>Links as they were a moment ago, so that what is followed all the time is not read each time. What this process changes it knows at once;
/// what another changes, within <see cref="Freshness"/>.</summary>
internal sealed class LinkCache
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Entry> _byName = new(StringComparer.Ordinal);
    private readonly LinkStore _links;
    private readonly TimeProvider _time;

    public LinkCache(LinkStore links, TimeProvider time)
    {
        (_links, _time) = (links, time);
        links.Changed += Forget;
    }

    /// <exception cref="StoreException">The store did not answer.</exception>
    public ValueTask<Link?> FindByIdAsync(string linkId)
        => _byId.TryGetValue(linkId, out var entry) && IsFresh(entry) ? new(entry.Link) : new(RememberAsync(_links.FindByIdAsync(linkId)));

    /// <exception cref="StoreException">The store did not answer.</exception>
    public ValueTask<Link?> FindAsync(string domain, string key)
    {
        var name = Link.NameOf(domain, key);
        return _byName.TryGetValue(name, out var entry) && IsFresh(entry) ? new(entry.Link) : new(FindAsync(name, domain, key));
    }

    /// <summary>The link as it was when it was last read, however long ago; null when it was not.</summary>
    public Link? Recall(string domain, string key) => _byName.GetValueOrDefault(Link.NameOf(domain, key))?.Link;

    private async Task<Link?> FindAsync(string name, string domain, string key)
    {
        var link = await RememberAsync(_links.FindAsync(domain, key));
        if (link is null)
        {
            _byName.TryRemove(name, out _);
        }

        return link;
    }

    private async Task<Link?> RememberAsync(Task<Link?> finding)
    {
        // Dated before it is read: a change in between is seen no later than others.
        var at = _time.GetTimestamp();
        if (await finding is not { } link)
        {
            return null;
        }

        if (_byId.Count >= Capacity)
        {
            _byId.Clear();
            _byName.Clear();
        }

        _byId[link.Id] = _byName[link.Name] = new Entry(link, at);
        return link;
    }

    private void Forget(Link link)
    {
        _byId.TryRemove(link.Id, out _);
        _byName.TryRemove(link.Name, out _);
    }

    private bool IsFresh(Entry entry) => _time.GetElapsedTime(entry.At) < Freshness;

    private sealed record Entry(Link Link, long At);
}
