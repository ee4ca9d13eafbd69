using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>The log a page at a time, newest first, from one event on and not by number: what comes meanwhile moves nothing.</summary>
internal sealed class EventPages(EventList list, TimeProvider time)
{
    /// <summary>How many events are looked at for one page: where few match, it says how far it has looked instead of looking for ever.</summary>
    private const int MaxScanned = 10_000;

    /// <param name="view">Of which kinds.</param>
    /// <param name="filter">What they must have.</param>
    /// <param name="before">Older than this event; null for the newest.</param>
    /// <param name="take">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<EventPage> ReadAsync(EventView view, EventFilter filter, LoggedEvent? before, int take, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var to = before is null ? now + EventFeed.Overlap : before.Timestamp.AddMilliseconds(1);
        var query = new EventQuery(view.Kinds, now - EventLog.LongestRetention, to, filter);
        var (found, scanned) = (new List<LoggedEvent>(), 0);
        LoggedEvent? last = null;
        await foreach (var one in list.ReadUnfilteredAsync(query, cancellationToken))
        {
            if (before is not null && EventList.Compare(one, before) >= 0)
            {
                continue;
            }

            if (found.Count == take || scanned == MaxScanned)
            {
                return new EventPage(await list.DescribeAsync(found), last);
            }

            scanned++;
            if (filter.Matches(one))
            {
                found.Add(one);
            }

            last = one;
        }

        return new EventPage(await list.DescribeAsync(found), null);
    }
}

/// <summary>Events, newest first.</summary>
/// <param name="Rows">Those that match.</param>
/// <param name="Last">The last that was looked at, after which older ones come; null when there are none.</param>
internal sealed record EventPage(IReadOnlyList<EventRow> Rows, LoggedEvent? Last)
{
    public static readonly EventPage Empty = new([], null);
}
