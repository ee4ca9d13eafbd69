using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Web;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>The handshake: a page whose cookies are missing or too old is sent here and comes back with new ones. The cookies wait under a
/// nonce until the app's server fetches them.</summary>
internal sealed class ClerkHandshake(ClerkServer clerk, ClerkResources resources)
{
    private const string Lax = "Path=/; Max-Age=31536000; SameSite=Lax";

    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _waiting = new(StringComparer.Ordinal);
    private readonly string _suffix = PublishableKey.TryParse(clerk.Instance.PublishableKey, out var key, out _) ? "_" + key.CookieSuffix : string.Empty;

    public IResult Begin(HttpRequest request)
    {
        // Only pages of this machine: nobody else's page is to be had by a link to here.
        if (!Uri.TryCreate(request.Query["redirect_url"], UriKind.Absolute, out var back) || back is not { Scheme: "http" or "https", IsLoopback: true })
        {
            return ClerkErrors.ParameterInvalid("redirect_url", "redirect_url must be the address of a page on this machine.");
        }

        var client = ClerkFrontendRequest.FindClient(request, clerk) ?? clerk.Browsers.New();
        var nonce = ClerkStandIn.NewId("nonce");
        lock (client.Lock)
        {
            _waiting[nonce] = Cookies(client, back.GetLeftPart(UriPartial.Authority));
        }

        var query = HttpUtility.ParseQueryString(back.Query);
        query["__clerk_handshake_nonce"] = nonce;
        return new Redirect(new UriBuilder(back) { Query = query.ToString() }.Uri.ToString());
    }

    /// <summary>The cookies, once.</summary>
    public IResult Payload(string? nonce) => nonce is not null && _waiting.TryRemove(nonce, out var cookies)
        ? ClerkErrors.Json(new JsonObject { ["directives"] = new JsonArray([.. cookies.Select(cookie => (JsonNode)cookie)]) })
        : ClerkErrors.NotFound("handshake payload");

    private List<string> Cookies(ClerkBrowser client, string origin)
    {
        var signedInSince = client.Active is null ? "0" : client.UpdatedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        List<string> cookies = [];
        foreach (var suffix in (ReadOnlySpan<string>)[string.Empty, _suffix])
        {
            cookies.Add($"__clerk_db_jwt{suffix}={client.Token}; {Lax}");
            cookies.Add($"__client_uat{suffix}={signedInSince}; {Lax}");
            cookies.Add(client.Active is { } session ? $"__session{suffix}={resources.Mint(session, origin)}; {Lax}" : $"__session{suffix}=; Path=/; Max-Age=0; SameSite=Lax");
        }

        return cookies;
    }

    private sealed class Redirect(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
