using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Links and what they brought, a page at a time.</summary>
internal sealed class LinkTable(LinkList list, LinkStore links)
{
    public const int PageSize = 25;

    /// <param name="view">Which.</param>
    /// <param name="host">Where the reader sees this host: links on a loopback domain are reached there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The first page where there are none on that one any more; null when more links match than can be ordered.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LinkPage?> ReadAsync(LinkView view, Uri host, CancellationToken cancellationToken)
    {
        var query = new LinkQuery { Search = view.Search is { Length: > 0 } search ? search.Trim() : null, WithArchived = view.WithArchived };
        var skip = (view.Page - 1) * PageSize;
        var found = view.Order == LinkOrder.Newest
            ? await list.ListAsync(query, skip, PageSize + 1, cancellationToken)
            : await list.ListByAsync(query, counters => Rank(counters, view.Order), skip, PageSize + 1, cancellationToken);
        if (found is null)
        {
            return null;
        }

        if (found.Count == 0 && view.Page > 1)
        {
            return await ReadAsync(view with { Page = 1 }, host, cancellationToken);
        }

        var shown = found.Take(PageSize).ToList();
        var counters = await Task.WhenAll(shown.Select(link => links.CountAsync(link.Id)));
        return new LinkPage(view, [.. shown.Zip(counters, (link, count) => new LinkRow(link, count, LinkAddress.ShortLink(host, link)))], HasMore: found.Count > PageSize)
        {
            AreAllArchived = shown.Count == 0 && query is { Search: null, WithArchived: false } && await list.CountAsync(query with { WithArchived = true }, cancellationToken) > 0,
        };
    }

    private static long Rank(LinkCounters counters, LinkOrder order) => order switch
    {
        LinkOrder.Clicks => counters.Clicks,
        LinkOrder.Leads => counters.Leads,
        _ => counters.SaleAmount,
    };
}

/// <summary>By what links are ordered, the highest first.</summary>
public enum LinkOrder
{
    Newest,
    Clicks,
    Leads,
    Sales,
}

/// <summary>Which links somebody looks at.</summary>
internal sealed record LinkView
{
    public string? Search { get; init; }

    public bool WithArchived { get; init; }

    public LinkOrder Order { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;
}

/// <summary>A page of links.</summary>
/// <param name="View">What it is an answer to.</param>
/// <param name="Rows">The links.</param>
/// <param name="HasMore">Whether there is a page after it.</param>
internal sealed record LinkPage(LinkView View, IReadOnlyList<LinkRow> Rows, bool HasMore)
{
    /// <summary>There are links, and none but archived ones, which were not asked for.</summary>
    public bool AreAllArchived { get; init; }
}

/// <summary>A link and what it brought.</summary>
internal sealed record LinkRow(Link Link, LinkCounters Counters, string ShortLink);
