using System.Collections.Concurrent;

namespace Dub.Clerk.Attribution;

/// <summary>Remembers for the life of a session token which user and click the store was told of, so that a page's many requests ask once.
/// Bounded; forgetting costs one question to the store.</summary>
internal sealed class RecentSightings(TimeProvider time)
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<(string UserId, string Value), DateTimeOffset> _until = new();

    public bool Contains(string userId, string value) => _until.TryGetValue((userId, value), out var until) && until > time.GetUtcNow();

    public void Add(string userId, string value, DateTimeOffset until)
    {
        if (_until.Count >= Capacity)
        {
            Sweep();
        }

        _until[(userId, value)] = until;
    }

    private void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var (key, until) in _until)
        {
            if (until <= now)
            {
                _until.TryRemove(key, out _);
            }
        }

        if (_until.Count >= Capacity)
        {
            _until.Clear();
        }
    }
}
