using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Links;

/// <summary>Records clicks, one for each visitor and link within an hour.</summary>
internal sealed partial class ClickRecorder(ClickStore clicks, HostOptions options, TimeProvider time, DubClerkMetrics metrics, ILogger<ClickRecorder> logger)
{
    private const int MaxReferrer = 2000;

    /// <summary>Records a click before its redirect is answered, and never keeps the visitor waiting for it.</summary>
    /// <param name="link">What is followed.</param>
    /// <param name="visitor">By whom.</param>
    /// <param name="visit">How.</param>
    /// <param name="cookie">The click that the visitor's browser says it made.</param>
    /// <returns>The click's id; it is the visitor's even where the record is missing.</returns>
    public async Task<string> RecordInTimeAsync(Link link, Visitor visitor, Visit visit, string? cookie)
    {
        var click = Describe(link, visitor, visit);
        try
        {
            return await RecordOnceAsync(click, visitor, cookie).WaitAsync(options.RedirectPatience, time);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            metrics.ClickUnrecorded();
            Log.Unrecorded(logger, e, click.Id, link.Id);
            return click.Id;
        }
    }

    /// <returns>The id of the click that counts.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<string> RecordAsync(Link link, Visitor visitor, Visit visit) => clicks.RecordOnceAsync(Describe(link, visitor, visit), visitor.Hash);

    /// <summary>A browser that was given a click within the hour keeps it, also on another network.</summary>
    private async Task<string> RecordOnceAsync(Click click, Visitor visitor, string? cookie)
        => cookie is not null && await clicks.FindAsync(cookie) is { } earlier && earlier.LinkId == click.LinkId && click.Timestamp - earlier.Timestamp < EventLog.VisitorMemory
            ? cookie
            : await clicks.RecordOnceAsync(click, visitor.Hash);

    private Click Describe(Link link, Visitor visitor, Visit visit) => new()
    {
        Id = ClickStore.NewId(link.Id, visitor.Hash),
        Timestamp = time.GetUtcNow(),
        LinkId = link.Id,
        Domain = link.Domain,
        Key = link.Key,
        Url = visit.Url,
        Trigger = visit.Trigger,
        UserAgent = visitor.UserAgent,
        Device = visitor.Agent.Device,
        Browser = visitor.Agent.Browser,
        Os = visitor.Agent.Os,
        Continent = visitor.Continent,
        Country = visitor.Country,
        Region = visitor.Region,
        City = visitor.City,
        Referrer = Referrer(visit.Referrer),
        Qr = visit.Trigger == ClickTrigger.Qr,
    };

    /// <summary>The page without its query, which may hold anything.</summary>
    private static string? Referrer(string? text)
        => text is { Length: <= MaxReferrer } && WebAddress.TryParse(text, out var uri) && uri.Scheme is "http" or "https" && LinkAddress.HostOf(uri) is { Length: > 0 } host
            ? $"{uri.Scheme}://{host}{uri.AbsolutePath}"
            : null;

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.ClickUnrecorded, LogLevel.Error, "The click {ClickId} on {LinkId} could not be recorded in time; its visitor was redirected all the same.")]
        public static partial void Unrecorded(ILogger logger, Exception exception, string clickId, string linkId);
    }
}

/// <summary>How a link was followed.</summary>
/// <param name="Url">Where it led.</param>
/// <param name="Referrer">The page it was on, as the browser says.</param>
/// <param name="Trigger">One of <see cref="ClickTrigger"/>.</param>
internal readonly record struct Visit(string Url, string? Referrer, string Trigger);
