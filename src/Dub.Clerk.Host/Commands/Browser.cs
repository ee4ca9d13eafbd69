using System.Net;
using System.Web;

namespace Dub.Clerk.Host.Commands;

/// <summary>A visitor's browser, as far as the server sees it: a cookie jar, redirects, and the headers of a page that is opened.</summary>
internal sealed class Browser : IDisposable
{
    private const int Attempts = 5;

    private static int _visitors;

    /// <summary>No two visitors of the demo are the same: a link counts each once an hour.</summary>
    private readonly string _userAgent = $"Mozilla/5.0 (demo visitor {Interlocked.Increment(ref _visitors)})";

    private readonly Uri _origin;
    private readonly CookieContainer _jar = new();
    private readonly HttpClient _http;

    public Browser(Uri origin)
    {
        _origin = origin;
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _jar }) { BaseAddress = origin };
    }

    /// <summary>The click in the cookie, if there is one.</summary>
    public string? ClickCookie => _jar.GetCookies(_origin)["dub_id"]?.Value;

    /// <summary>Follows a short link to the page it leads to.</summary>
    /// <returns>The click id in that page's address.</returns>
    public async Task<string?> FollowAsync(string shortLink)
    {
        using var response = await OpenAsync(new Uri(shortLink));
        return HttpUtility.ParseQueryString(response.RequestMessage!.RequestUri!.Query)["dub_id"];
    }

    /// <summary>What a script on the page does that writes whatever it finds in the address.</summary>
    public void PlantCookie(string value) => _jar.Add(new Cookie("dub_id", value, "/", _origin.Host));

    /// <summary>Clerk's script puts the session token into its cookie; from now on every request carries it.</summary>
    public void SignIn(string sessionToken) => _jar.Add(new Cookie("__session", sessionToken, "/", _origin.Host));

    /// <summary>The page asks who brought the user, as a signed-in page does after loading, and asks again while the host is busy.</summary>
    public async Task<HttpStatusCode> AskAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await _http.PostAsync("/attribution", content: null);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
            {
                return response.StatusCode;
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> OpenAsync(Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("User-Agent", _userAgent);
        return await _http.SendAsync(request);
    }
}
