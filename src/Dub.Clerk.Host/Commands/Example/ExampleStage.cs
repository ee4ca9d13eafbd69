using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Host.Commands.Example;

/// <summary>Everything that a visitor meets, on this machine: the stand-in for Clerk, the host with a short link, and the example app.</summary>
internal sealed class ExampleStage : IAsyncDisposable
{
    private const string LinkKey = "launch";

    private readonly ClerkStandIn _instance = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-clerk-example-");
    private HostApp? _host;
    private NextApp? _next;

    private ExampleStage(Uri hostAddress, Uri appAddress)
    {
        HostAddress = hostAddress;
        AppAddress = appAddress;
        Api.BaseAddress = hostAddress;
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
    }

    public ClerkServer Clerk { get; private set; } = null!;

    public Uri HostAddress { get; }

    public Uri AppAddress { get; }

    /// <summary>What the app shows to the host when it records a sale.</summary>
    public string ApiKey { get; } = "dub_" + RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>The host's API, with its key.</summary>
    public HttpClient Api { get; } = new();

    /// <summary>Leads to the app's first page.</summary>
    public Uri ShortLink => new(HostAddress, LinkKey);

    /// <summary>Starts all three. A port of 0 is any free one.</summary>
    /// <param name="appFolder">The example app, installed and built.</param>
    /// <param name="scriptsFolder">Clerk's browser code.</param>
    /// <param name="ports">Of the stand-in, the host and the app.</param>
    /// <param name="settings">Further settings of the host.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<ExampleStage> StartAsync(
        string appFolder, string scriptsFolder, (int Clerk, int Host, int App) ports = default, IDictionary<string, string?>? settings = null,
        CancellationToken cancellationToken = default)
    {
        var stage = new ExampleStage(Address(ports.Host), Address(ports.App));
        try
        {
            stage.Clerk = await ClerkServer.StartAsync(
                new ClerkServerOptions
                {
                    Port = ports.Clerk,
                    Instance = stage._instance,
                    ScriptsFolder = scriptsFolder,
                    WebhookAddress = new Uri(stage.HostAddress, "/webhooks/clerk"),
                },
                cancellationToken);
            stage.Clerk.ApplicationName = "Acme Notes";
            stage._host = await HostApp.CreateAsync(stage.HostBuilder(settings ?? new Dictionary<string, string?>()), cancellationToken: cancellationToken);
            await stage._host.Web.StartAsync(cancellationToken);
            await stage.CreateLinkAsync(cancellationToken);
            stage._next = await NextApp.StartAsync(appFolder, stage.AppAddress, stage._instance, stage.AppSettings(), cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_next is not null)
        {
            await _next.DisposeAsync();
        }

        if (Clerk is not null)
        {
            await Clerk.DisposeAsync();
        }

        if (_host is not null)
        {
            await _host.Web.StopAsync();
            await _host.DisposeAsync();
        }

        Api.Dispose();
        _instance.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Uri Address(int port) => new($"http://localhost:{(port > 0 ? port : FreePort.Next())}");

    private WebApplicationBuilder HostBuilder(IDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        // The settings of this machine have no place here.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = HostAddress.GetLeftPart(UriPartial.Authority),
            ["CLERK_PUBLISHABLE_KEY"] = _instance.PublishableKey,
            ["CLERK_JWT_KEY"] = _instance.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = _instance.WebhookSecret,
            ["CLERK_SECRET_KEY"] = Clerk.SecretKey,
            ["CLERK_API_URL"] = Clerk.Address.GetLeftPart(UriPartial.Authority),
            ["DUBCLERK_API_KEY"] = ApiKey,
            ["DUBCLERK_DATA_DIR"] = _folder.FullName,
            ["DubClerk:AuthorizedParties:0"] = AppAddress.GetLeftPart(UriPartial.Authority),
            ["DubClerk:RedirectPatience"] = "00:00:30",
            ["Logging:LogLevel:Default"] = "Error",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        return builder;
    }

    private Dictionary<string, string?> AppSettings() => new()
    {
        ["CLERK_SECRET_KEY"] = Clerk.SecretKey,
        ["CLERK_JWT_KEY"] = _instance.PublicKeyPem,
        ["CLERK_API_URL"] = Clerk.Address.GetLeftPart(UriPartial.Authority),
        ["CLERK_FAPI_URL"] = Clerk.Address.GetLeftPart(UriPartial.Authority),
        ["APP_ORIGIN"] = AppAddress.GetLeftPart(UriPartial.Authority),
        ["DUB_HOST_URL"] = HostAddress.GetLeftPart(UriPartial.Authority),
        ["DUB_HOST_API_KEY"] = ApiKey,
    };

    private async Task CreateLinkAsync(CancellationToken cancellationToken)
    {
        var link = new JsonObject { ["url"] = AppAddress.ToString(), ["domain"] = HostAddress.Host, ["key"] = LinkKey, ["trackConversion"] = true };
        using var response = await Api.PostAsJsonAsync("/links", link, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
