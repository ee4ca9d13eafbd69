using System.Runtime.CompilerServices;
using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Api;

/// <summary>Which events are asked for.</summary>
/// <param name="Kinds">Of these kinds.</param>
/// <param name="From">The earliest.</param>
/// <param name="To">Before this.</param>
/// <param name="Filter">With these properties.</param>
/// <param name="NewestFirst">The order.</param>
internal sealed record EventQuery(IReadOnlyCollection<EventKind> Kinds, DateTimeOffset From, DateTimeOffset To, EventFilter Filter, bool NewestFirst = true);

/// <summary>An event, and the customer of a lead or sale as it is now; null when it is gone.</summary>
internal sealed record EventRow(LoggedEvent Logged, Customer? Customer);

/// <summary>Events in the order of time, whoever asks: the API, the page, the export.</summary>
internal sealed class EventList(EventLog events, CustomerStore customers)
{
    /// <summary>Read while they are asked for, so that who stops early costs little.</summary>
    /// <param name="query">Which.</param>
    /// <param name="skip">How many are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public IAsyncEnumerable<LoggedEvent> ReadAsync(EventQuery query, int skip = 0, CancellationToken cancellationToken = default)
        => query is { Kinds.Count: 1 } && query.Filter == EventFilter.None
            ? events.ReadAsync(query.Kinds.First(), query.From, query.To, query.NewestFirst, skip, cancellationToken)
            : ReadUnfilteredAsync(query, cancellationToken).Where(query.Filter.Matches).Skip(skip);

    /// <summary>Those that the filter lets through and those it does not; of a customer's clicks, which can be named, only the one that may match.</summary>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async IAsyncEnumerable<LoggedEvent> ReadUnfilteredAsync(EventQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sources = query.Kinds.Select(kind => ReadKindAsync(kind, query, cancellationToken).GetAsyncEnumerator(cancellationToken)).ToList();
        try
        {
            var have = await Task.WhenAll(sources.Select(source => source.MoveNextAsync().AsTask()));
            var open = sources.Where((_, i) => have[i]).ToList();
            while (open.Count > 0)
            {
                var next = open[0];
                foreach (var source in open)
                {
                    var order = Compare(source.Current, next.Current);
                    if (query.NewestFirst ? order > 0 : order < 0)
                    {
                        next = source;
                    }
                }

                yield return next.Current;
                if (!await next.MoveNextAsync())
                {
                    open.Remove(next);
                }
            }
        }
        finally
        {
            foreach (var source in sources)
            {
                await source.DisposeAsync();
            }
        }
    }

    /// <summary>With their customers.</summary>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<EventRow>> DescribeAsync(IReadOnlyList<LoggedEvent> found)
    {
        var homes = found.Select(one => one.CustomerHome).OfType<string>().Where(home => !CustomerEvents.IsForgotten(home)).Distinct(StringComparer.Ordinal).ToList();
        var known = (await customers.FindHomesAsync(homes)).ToDictionary(customer => customer.Home, StringComparer.Ordinal);
        return [.. found.Select(one => new EventRow(one, one.CustomerHome is { } home ? known.GetValueOrDefault(home) : null))];
    }

    /// <summary>The order of the log: by time, of one moment by id.</summary>
    public static int Compare(LoggedEvent one, LoggedEvent other)
    {
        var order = one.Timestamp.ToUnixTimeMilliseconds().CompareTo(other.Timestamp.ToUnixTimeMilliseconds());
        return order != 0 ? order : string.CompareOrdinal(one.Id, other.Id);
    }

    private async IAsyncEnumerable<LoggedEvent> ReadKindAsync(EventKind kind, EventQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == EventKind.Clicks && query.Filter.Customer is { } customer)
        {
            if (customer.ClickId is { } id && (await events.FindAsync([(kind, id)]))[0] is { } click && click.Timestamp >= query.From && click.Timestamp < query.To)
            {
                yield return click;
            }

            yield break;
        }

        await foreach (var one in events.ReadAsync(kind, query.From, query.To, query.NewestFirst, cancellationToken: cancellationToken))
        {
            yield return one;
        }
    }
}
