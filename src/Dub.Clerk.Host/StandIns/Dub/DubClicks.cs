using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dub.Clerk.Conversions;
using Microsoft.AspNetCore.WebUtilities;

namespace Dub.Clerk.Host.StandIns;

/// <summary>Clicks: <c>POST /track/click</c> and the redirect of a short link. A visitor's clicks on one link within an hour are one.</summary>
internal sealed partial class DubClicks(DubWorkspace workspace, DubWebhooks webhooks)
{
    private static readonly TimeSpan VisitorRetention = TimeSpan.FromHours(1);

    private readonly Dictionary<(string LinkId, string Visitor), (string ClickId, DateTimeOffset Until)> _visitors = [];

    public async Task<IResult> TrackAsync(HttpContext context)
    {
        var body = await DubBody.ReadAsync(context.Request);
        var domain = Host(body.Text("domain") ?? string.Empty);
        var key = body.Text("key");
        var referrer = body.Text("referrer");
        if (body.Fault is { } fault)
        {
            return fault;
        }

        if (!domain.Contains('.', StringComparison.Ordinal))
        {
            return DubReply.Unprocessable("invalid_type: domain: domain is required.");
        }

        if (key is null)
        {
            return DubReply.Unprocessable("invalid_type: key: key is required.");
        }

        lock (workspace.Gate)
        {
            return workspace.FindLink(domain, key) is { } link
                ? DubReply.Json(new JsonObject { ["clickId"] = Click(context.Request, link, referrer) })
                : DubReply.NotFound($"Link not found for domain: {domain} and key: {key}.");
        }
    }

    /// <summary>By the host of the request; at a loopback address, any link of that key.</summary>
    public IResult Follow(HttpContext context, string? key)
    {
        var domain = Host(context.Request.Host.Host);
        lock (workspace.Gate)
        {
            var link = workspace.FindLink(domain, key ?? string.Empty)
                ?? (IsLoopback(context.Request.Host.Host) ? workspace.Links.FirstOrDefault(IsNamed) : null);
            if (link is null)
            {
                return TypedResults.Text("Link not found.", statusCode: StatusCodes.Status404NotFound);
            }

            var clickId = Click(context.Request, link, context.Request.Headers.Referer);
            context.Response.Headers["X-Robots-Tag"] = "googlebot: noindex";
            return TypedResults.Redirect(link.TrackConversion ? QueryHelpers.AddQueryString(link.Url, "dub_id", clickId) : link.Url);
        }

        bool IsNamed(DubLink link) => string.Equals(link.Key, key, StringComparison.OrdinalIgnoreCase);
    }

    public void Clear() => _visitors.Clear();

    /// <summary>Bots get an id that no click stands behind.</summary>
    private string Click(HttpRequest request, DubLink link, string? referrer)
    {
        var userAgent = request.Headers.UserAgent.ToString();
        var visitor = (link.Id, $"{request.HttpContext.Connection.RemoteIpAddress}-{userAgent}");
        if (_visitors.TryGetValue(visitor, out var earlier) && earlier.Until > workspace.Now)
        {
            return earlier.ClickId;
        }

        var click = new DubClick(Ids.NewEvent(), workspace.Now, link)
        {
            UserAgent = userAgent.Length == 0 ? "Unknown" : userAgent,
            Referrer = string.IsNullOrEmpty(referrer) ? null : referrer,
            Qr = request.Query["qr"] == "1",
        };
        if (!Bots().IsMatch(userAgent) && !request.Headers.ContainsKey("dub-no-track") && !request.Query.ContainsKey("dub-no-track"))
        {
            _visitors[visitor] = (click.Id, workspace.Now + VisitorRetention);
            workspace.AddClick(click);
            webhooks.LinkClicked(click);
        }

        return click.Id;
    }

    private static bool IsLoopback(string host) => Uri.TryCreate("http://" + host, UriKind.Absolute, out var uri) && uri.IsLoopback;

    /// <summary>The host of an address or of a bare name, without <c>www.</c></summary>
    private static string Host(string text)
    {
        var host = Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var uri) ? uri.Host : text;
        return host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..].ToLowerInvariant() : host.ToLowerInvariant();
    }

    [GeneratedRegex("bot|crawler|spider|http|fetch|curl|wget|python|node|ruby", RegexOptions.IgnoreCase)]
    private static partial Regex Bots();
}
