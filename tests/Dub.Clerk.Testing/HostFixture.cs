using System.Net.Http.Headers;
using System.Text.Json;
using Dub.Clerk.Host;
using Dub.Clerk.Host.StandIns;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Testing;

/// <summary>The host in this process: its own embedded store, real Kestrel, a Clerk that signs.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    public const string ApiKey = "dub_test_0123456789abcdef";

    private readonly HostApp _host;
    private readonly DirectoryInfo _folder;

    private HostFixture(HostApp host, DirectoryInfo folder, ClerkStandIn clerk, TestLog log)
    {
        _host = host;
        _folder = folder;
        Clerk = clerk;
        Log = log;
        Origin = new Uri(host.Web.Urls.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = Origin };
        Api = new HttpClient { BaseAddress = Origin };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
    }

    public ClerkStandIn Clerk { get; }

    public TestLog Log { get; }

    /// <summary>Where it keeps its data.</summary>
    public string Folder => _folder.FullName;

    public Uri Origin { get; }

    /// <summary>A stranger: no key, no cookies, no redirects.</summary>
    public HttpClient Client { get; }

    /// <summary>Who has the API key.</summary>
    public HttpClient Api { get; }

    /// <summary>Changes settings while the host runs.</summary>
    public void Reload(params IEnumerable<(string Name, string? Value)> settings)
    {
        var configuration = (IConfigurationRoot)_host.Web.Configuration;
        foreach (var (name, value) in settings)
        {
            configuration[name] = value;
        }

        configuration.Reload();
    }

    /// <summary>The host's services, to see what HTTP does not show.</summary>
    public T Get<T>()
        where T : notnull => _host.Web.Services.GetRequiredService<T>();

    public static async Task<HostFixture> StartAsync(IDictionary<string, string?>? settings = null, string environment = "Development", Action<WebApplication>? more = null)
    {
        var folder = Directory.CreateTempSubdirectory("dub-host-");
        var clerk = TestClerk.Instance;
        var log = new TestLog();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DUBCLERK_DATA_DIR"] = folder.FullName,
            ["DubClerk:AuthorizedParties:0"] = "https://app.example.com",
            ["DubClerk:RedirectPatience"] = "00:00:30",
            // One address plays everybody who signs in.
            ["DubClerk:RateLimits:SignInsPerMinute"] = "0",
            ["Logging:LogLevel:Default"] = "None",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Logging.AddFilter<TestLog>(null, LogLevel.Debug);
        try
        {
            var host = await HostApp.CreateAsync(builder, more);
            await host.Web.StartAsync();
            return new HostFixture(host, folder, clerk, log);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Calls the API, and reads what it answers whatever its status.</summary>
    public async Task<(int Status, JsonElement Body)> CallAsync(HttpMethod method, string address, string? json = null, string? authorization = "Bearer " + ApiKey)
    {
        using var request = new HttpRequestMessage(method, address);
        if (json is not null)
        {
            request.Content = new StringContent(json, new MediaTypeHeaderValue("application/json"));

            // Who sends a body that is refused for its length may find the connection closed before the answer is read.
            request.Headers.ExpectContinue = json.Length > 1024 * 1024;
        }

        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>Stops the host and leaves its data.</summary>
    public async Task StopAsync()
    {
        await _host.Web.StopAsync();
        await _host.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Api.Dispose();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
