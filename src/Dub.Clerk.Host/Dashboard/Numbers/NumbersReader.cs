using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>Reads what the pages on numbers show, by the API's own parameters and services.</summary>
internal sealed class NumbersReader(
    AnalyticsService analytics, EventFields.Reader filters, LinkList links, SignUpIndex signUps, SignUpJoin join, OutboxDesk outbox, LiveOptions options, TimeProvider time)
{
    /// <summary>Users on a page.</summary>
    public const int PageSize = 25;

    /// <summary>How many links are suggested.</summary>
    private const int Suggested = 50;

    private static readonly EventKind[] Kinds = [EventKind.Clicks, EventKind.Leads, EventKind.Sales];

    /// <returns>The numbers, or why there are none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(Series? Series, string? Fault)> ReadSeriesAsync(NumbersView view, CancellationToken cancellationToken)
    {
        var (period, filter, fault) = await AskAsync(view, cancellationToken);
        if (fault is not null)
        {
            return (null, fault);
        }

        var parts = await analytics.ByPartAsync(period, Kinds, filter!, cancellationToken);
        var first = view.Interval == "all" ? parts.TakeWhile((part, at) => part == default && at + 1 < parts.Count).Count() : 0;
        return (Series.Of(period.Granularity, [.. period.Starts.Zip(parts).Skip(first)]), null);
    }

    /// <inheritdoc cref="ReadSeriesAsync"/>
    public async Task<(Funnel? Funnel, string? Fault)> ReadFunnelAsync(NumbersView view, CancellationToken cancellationToken)
    {
        var (period, filter, fault) = await AskAsync(view, cancellationToken);
        if (fault is not null)
        {
            return (null, fault);
        }

        var totals = await analytics.CountAsync(period, Kinds, filter!, cancellationToken);
        var mayStillClick = Later(time.GetUtcNow() - options.Current.NewAccountWindow, period.From);
        var dub = (await outbox.SummarizeAsync()).Single(summary => summary.Destination == OutboxDesk.Name(OutboxDestination.Dub));
        return (new Funnel
        {
            Totals = totals,
            SignUps = view.Link is null ? await signUps.CountAsync(period.From, period.To) : null,
            MayStillClick = await signUps.CountAsync(NoLeadReason.NoClick, mayStillClick, period.To),
            AtDub = (dub.Waiting, dub.Dead),
        }, null);
    }

    /// <summary>The users in a place, newest first.</summary>
    /// <param name="place">What became of them.</param>
    /// <param name="view">The time.</param>
    /// <param name="after">Who was read last, to go on from there.</param>
    /// <returns>The users, or why there are none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(SignUpPage? Page, string? Fault)> ReadUsersAsync(NoLeadReason place, NumbersView view, IndexedSignUp? after)
    {
        var (period, _, fault) = await AskAsync(view with { Link = null }, CancellationToken.None);
        if (fault is not null)
        {
            return (null, fault);
        }

        var found = await signUps.ListAsync(place, period.From, period.To, after, PageSize + 1);
        var shown = found.Take(PageSize).ToList();
        var names = await Task.WhenAll(shown.Select(async one => (await join.ReadRecordAsync(one.UserId))?.Name));
        return (new SignUpPage(
            [.. shown.Zip(names, (one, name) => new SignUpRow(one, name))], found.Count > PageSize, await signUps.CountAsync(place, period.From, period.To)), null);
    }

    /// <summary>Links to choose from: the newest.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IReadOnlyList<string>> SuggestLinksAsync(CancellationToken cancellationToken)
        => [.. (await links.ListAsync(new LinkQuery(), 0, Suggested, cancellationToken)).Select(link => link.Name)];

    private async Task<(Period Period, EventFilter? Filter, string? Fault)> AskAsync(NumbersView view, CancellationToken cancellationToken)
    {
        var fields = new QueryFields(view.ToApi());
        var period = PeriodFields.Read(fields, time.GetUtcNow());
        var filter = await filters.ReadAsync(fields, cancellationToken);
        return (period, filter, fields.Fault is { } fault ? Say(fault)
            : filter is null ? $"There is no link {view.Link}."
            : !period.Zone.HasIanaId || !string.Equals(period.Zone.Id, view.TimeZone, StringComparison.OrdinalIgnoreCase) ? $"There is no time zone {view.TimeZone}."
            : null);
    }

    /// <summary>Without the code and the field that the API's messages begin with.</summary>
    private static string Say(DubFault fault) => fault.Message.Split(": ", 3)[^1];

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <summary>A page of users.</summary>
internal sealed record SignUpPage(IReadOnlyList<SignUpRow> Rows, bool HasMore, long Total);

/// <summary>A user who signed up.</summary>
internal sealed record SignUpRow(IndexedSignUp SignUp, string? Name);
