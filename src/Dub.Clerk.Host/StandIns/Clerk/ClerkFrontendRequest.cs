using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A request of Clerk's own browser code.</summary>
internal sealed class ClerkFrontendRequest
{
    private readonly IFormCollection _form;

    private ClerkFrontendRequest(IFormCollection form, ClerkBrowser? client, string? origin)
    {
        _form = form;
        Client = client;
        Origin = origin;
    }

    /// <summary>The browser it comes from; null when that says nothing of itself yet.</summary>
    public ClerkBrowser? Client { get; }

    /// <summary>The origin of the page, which becomes the <c>azp</c> of tokens.</summary>
    public string? Origin { get; }

    /// <summary>A field of the form. Clerk's code sends optional fields empty: that is none.</summary>
    public string? this[string field] => _form[field] is [{ Length: > 0 } text] ? text : null;

    /// <summary>An object, which travels as JSON in a field.</summary>
    public JsonObject? Object(string field)
    {
        try
        {
            return this[field] is { } json ? JsonNode.Parse(json) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static async Task<ClerkFrontendRequest> ReadAsync(HttpContext context, ClerkServer clerk)
    {
        var request = context.Request;
        var form = request.HasFormContentType ? await request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        return new ClerkFrontendRequest(form, FindClient(request, clerk), OriginOf(request));
    }

    public static ClerkBrowser? FindClient(HttpRequest request, ClerkServer clerk) =>
        request.Query["__clerk_db_jwt"] is [{ Length: > 0 and <= 100 } token] ? clerk.Browsers.Get(token) : null;

    /// <summary>GET requests of the same origin do not say where they come from; the app's proxy does.</summary>
    private static string? OriginOf(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin] && origin != "null" ? origin
        : Uri.TryCreate(request.Headers["Clerk-Proxy-Url"], UriKind.Absolute, out var proxy) ? proxy.GetLeftPart(UriPartial.Authority)
        : null;
}
