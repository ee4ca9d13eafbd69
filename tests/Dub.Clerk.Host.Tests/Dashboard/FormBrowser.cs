using System.Net;
using System.Text.RegularExpressions;
using Dub.Clerk.Host.Dashboard.Access;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>Opens the sign-in page, keeps its cookie, and sends its form, without a browser.</summary>
internal sealed class FormBrowser : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="origin">The host.</param>
    /// <param name="sessionToken">Of a Clerk user who is signed in to the app; null for nobody.</param>
    public FormBrowser(Uri origin, string? sessionToken = null)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = origin };
        Session = sessionToken is null ? string.Empty : $"; __session={sessionToken}";
    }

    private string Session { get; }

    public async Task<HttpResponseMessage> SignInAsync(Dictionary<string, string> fields)
    {
        using var page = await _http.GetAsync(DashboardAccess.SignInPath);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(Regex.Match(html, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value);
        using var request = new HttpRequestMessage(HttpMethod.Post, DashboardAccess.SignInPath) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").First().Split(';')[0] + Session);
        return await _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();
}
