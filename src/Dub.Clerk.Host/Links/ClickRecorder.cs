using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Links;

/// <summary>Records clicks before their redirect is answered, and never keeps a visitor waiting for it.</summary>
internal sealed partial class ClickRecorder(ClickStore clicks, HostOptions options, TimeProvider time, DubClerkMetrics metrics, ILogger<ClickRecorder> logger)
{
    private const int MaxUserAgent = 512;
    private const int MaxReferrer = 2000;

    /// <returns>The click's id; it is the visitor's even where the record is missing.</returns>
    public async Task<string> RecordAsync(Link link, HttpRequest request)
    {
        var click = new Click
        {
            Id = Ids.NewEvent(),
            Timestamp = time.GetUtcNow(),
            LinkId = link.Id,
            Domain = link.Domain,
            Key = link.Key,
            Url = link.Url,
            UserAgent = Cut(request.Headers.UserAgent.ToString()),
            Referrer = Referrer(request.Headers.Referer.ToString()),
            Qr = request.Query["qr"] == "1",
        };
        try
        {
            await clicks.RecordAsync(click).WaitAsync(options.RedirectPatience, time);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            metrics.ClickUnrecorded();
            Log.Unrecorded(logger, e, click.Id, link.Id);
        }

        return click.Id;
    }

    /// <summary>The page without its query, which may hold anything.</summary>
    private static string? Referrer(string text)
        => text.Length <= MaxReferrer && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.IdnHost.Length > 0
            ? $"{uri.Scheme}://{uri.IdnHost}{uri.AbsolutePath}"
            : null;

    private static string? Cut(string text) => text.Length == 0 ? null : text.Length > MaxUserAgent ? text[..MaxUserAgent] : text;

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.ClickUnrecorded, LogLevel.Error, "The click {ClickId} on {LinkId} could not be recorded in time; its visitor was redirected all the same.")]
        public static partial void Unrecorded(ILogger logger, Exception exception, string clickId, string linkId);
    }
}
