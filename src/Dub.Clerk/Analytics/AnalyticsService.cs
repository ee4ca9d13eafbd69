using System.Runtime.CompilerServices;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.Analytics;

/// <summary>How much happened in a time. Questions about all links or some, by one dimension at most, are answered from sums; others read the events.</summary>
internal sealed class AnalyticsService(Rollup rollup, RollupReader sums, EventLog events)
{
    /// <summary>In all.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<Totals> CountAsync(Period period, IReadOnlyCollection<EventKind> kinds, EventFilter filter, CancellationToken cancellationToken)
        => Sum(await ByPartAsync(period, kinds, filter, cancellationToken));

    /// <summary>In each part of the period.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<Totals>> ByPartAsync(
        Period period, IReadOnlyCollection<EventKind> kinds, EventFilter filter, CancellationToken cancellationToken)
    {
        var parts = new Totals[period.Starts.Count];
        if (parts.Length == 0)
        {
            return parts;
        }

        await rollup.FoldAsync(cancellationToken);
        var (scopes, rest) = Split(filter);
        if (rest is null || rest.Count > 1)
        {
            await foreach (var one in ReadAsync(period.From, period.To, kinds, filter, cancellationToken))
            {
                parts[period.PartOf(one.Timestamp)] += Totals.Of(one);
            }
        }
        else if (rest is [var only])
        {
            for (var part = 0; part < parts.Length; part++)
            {
                var end = part + 1 < parts.Length ? period.Starts[part + 1] : period.To;
                var values = await sums.ReadValuesAsync(only.Dimension, scopes, period.Starts[part], end, cancellationToken);
                var named = Sum(values.Where(value => only.Names(value.Key)).Select(value => value.Value));
                parts[part] = only.IsNegated ? await LessAsync(scopes, period.Starts[part], end, named, cancellationToken) : named;
            }
        }
        else
        {
            foreach (var (start, totals) in await sums.ReadQuartersAsync(scopes, period.From, period.To, cancellationToken))
            {
                parts[period.PartOf(start)] += totals;
            }
        }

        return [.. parts.Select(part => part.Only(kinds))];
    }

    /// <summary>For each value of a dimension for which something happened.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyDictionary<string, Totals>> ByValueAsync(
        Dimension dimension, Period period, IReadOnlyCollection<EventKind> kinds, EventFilter filter, CancellationToken cancellationToken)
        => (await AllByValueAsync(dimension, period, kinds, filter, cancellationToken))
            .Select(value => KeyValuePair.Create(value.Key, value.Value.Only(kinds))).Where(value => value.Value != default).ToDictionary(StringComparer.Ordinal);

    private async Task<IReadOnlyDictionary<string, Totals>> AllByValueAsync(
        Dimension dimension, Period period, IReadOnlyCollection<EventKind> kinds, EventFilter filter, CancellationToken cancellationToken)
    {
        await rollup.FoldAsync(cancellationToken);
        var (scopes, rest) = Split(filter);
        if (dimension == Dimension.Link && !scopes.Contains(Rollup.AllLinks) && rest is [])
        {
            var values = new Dictionary<string, Totals>(StringComparer.Ordinal);
            foreach (var scope in scopes)
            {
                values[scope[Rollup.OfLink(string.Empty).Length..]] = Sum((await sums.ReadQuartersAsync([scope], period.From, period.To, cancellationToken)).Select(quarter => quarter.Totals));
            }

            return values;
        }

        if (rest is not null && rest.TrueForAll(only => rest.Count == 1 && only.Dimension == dimension)
            && (scopes.Contains(Rollup.AllLinks) || dimension is not (Dimension.Link or Dimension.Domain)))
        {
            return (await sums.ReadValuesAsync(dimension, scopes, period.From, period.To, cancellationToken))
                .Where(value => rest.TrueForAll(filter => filter.Allows(value.Key))).ToDictionary(StringComparer.Ordinal);
        }

        var read = new Dictionary<string, Totals>(StringComparer.Ordinal);
        await foreach (var one in ReadAsync(period.From, period.To, kinds, filter, cancellationToken))
        {
            if (Dimensions.Of(one.Click, dimension) is { Length: > 0 } value)
            {
                read[value] = read.GetValueOrDefault(value) + Totals.Of(one);
            }
        }

        return read;
    }

    /// <summary>Which sums answer the filter, and what of it they leave to be filtered; null where sums cannot answer at all.</summary>
    private static (IReadOnlyCollection<string> Scopes, List<DimensionFilter>? Others) Split(EventFilter filter)
    {
        var links = filter.Dimensions.FirstOrDefault(one => one is { Dimension: Dimension.Link, IsNegated: false });
        IReadOnlyCollection<string> scopes = links is null ? [Rollup.AllLinks] : [.. links.Values.Select(Rollup.OfLink)];
        var rest = filter.Dimensions.Where(one => !ReferenceEquals(one, links)).ToList();
        var isSummed = filter.IsOfDimensions && (links is null || rest.TrueForAll(one => one.Dimension is not (Dimension.Link or Dimension.Domain)));
        return (scopes, isSummed ? rest : null);
    }

    private async IAsyncEnumerable<LoggedEvent> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, IReadOnlyCollection<EventKind> kinds, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var kind in kinds)
        {
            await foreach (var one in events.ReadAsync(kind, from, to, cancellationToken: cancellationToken))
            {
                if (filter.Matches(one))
                {
                    yield return one;
                }
            }
        }
    }

    private async Task<Totals> LessAsync(IReadOnlyCollection<string> scopes, DateTimeOffset from, DateTimeOffset to, Totals excluded, CancellationToken cancellationToken)
    {
        var all = Sum((await sums.ReadQuartersAsync(scopes, from, to, cancellationToken)).Select(quarter => quarter.Totals));
        return new Totals(all.Clicks - excluded.Clicks, all.Leads - excluded.Leads, all.Sales - excluded.Sales, all.SaleAmount - excluded.SaleAmount);
    }

    private static Totals Sum(IEnumerable<Totals> totals) => totals.Aggregate(default(Totals), (sum, one) => sum + one);
}
