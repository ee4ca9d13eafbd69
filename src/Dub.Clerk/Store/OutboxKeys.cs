using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>Where outbox work goes. Each has lanes of its own, so that one that is away holds up none of the others.</summary>
internal enum OutboxDestination
{
    /// <summary>Our own store: joins to complete, events to log.</summary>
    Local,

    /// <summary>Dub's API.</summary>
    Dub,

    /// <summary>Clerk's Backend API.</summary>
    Clerk,
}

/// <summary>The keys of one partition's outbox for one destination, in the order in which scripts take them.</summary>
internal sealed class OutboxKeys(string name)
{
    /// <summary>Lanes by due time.</summary>
    public RedisKey Lanes { get; } = name;

    public RedisKey Items { get; } = name + ":items";

    /// <summary>Lanes by the time since which they have work.</summary>
    public RedisKey Since { get; } = name + ":since";

    /// <summary>The three that every item is in.</summary>
    public RedisKey[] OfItems => [Lanes, Items, Since];

    /// <summary>Dead letters by the time at which they were given up.</summary>
    public RedisKey Dead { get; } = name + ":dead";
}
