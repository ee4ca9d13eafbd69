namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Clerk's rate limits: so many requests in any ten seconds, by the instance and by each user that is changed.</summary>
internal sealed class ClerkLimits(ClerkServerOptions options)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<DateTimeOffset> _instance = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> _users = new(StringComparer.Ordinal);

    /// <summary>Counts a request, or says in how many whole seconds one will be let in.</summary>
    /// <param name="changedUserId">The user that the request changes, if it changes one.</param>
    public int? SecondsToWait(string? changedUserId)
    {
        var now = options.Time.GetUtcNow();
        lock (_lock)
        {
            var user = changedUserId is null ? null : _users.TryGetValue(changedUserId, out var known) ? known : _users[changedUserId] = new Queue<DateTimeOffset>();
            var wait = TimeSpan.FromTicks(Math.Max(Wait(_instance, options.InstanceLimit, now).Ticks, user is null ? 0 : Wait(user, options.UserLimit, now).Ticks));
            if (wait > TimeSpan.Zero)
            {
                return (int)Math.Ceiling(wait.TotalSeconds);
            }

            _instance.Enqueue(now);
            user?.Enqueue(now);
            return null;
        }
    }

    private static TimeSpan Wait(Queue<DateTimeOffset> requests, int? limit, DateTimeOffset now)
    {
        while (requests.TryPeek(out var oldest) && now - oldest >= Window)
        {
            requests.Dequeue();
        }

        return requests.Count >= limit ? requests.Peek() + Window - now : TimeSpan.Zero;
    }
}
