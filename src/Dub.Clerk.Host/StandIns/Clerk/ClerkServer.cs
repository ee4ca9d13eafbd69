using System.Net;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A Clerk of our own on loopback, for tests and demos: it keeps users, answers Clerk's APIs as Clerk does, sends Svix-signed
/// deliveries, and fails in the ways a test asks for. The normal server never starts one.</summary>
internal sealed class ClerkServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ClerkServerOptions _options;
    private readonly ClerkResources _resources;
    private readonly bool _ownsInstance;

    private ClerkServer(WebApplication web, ClerkServerOptions options)
    {
        _web = web;
        _options = options;
        _ownsInstance = options.Instance is null;
        Instance = options.Instance ?? new ClerkStandIn();
        Users = new ClerkUsers(options.Time);
        Browsers = new ClerkBrowsers(options.Time);
        Limits = new ClerkLimits(options);
        Webhooks = new ClerkWebhooks(Instance, options);
        _resources = new ClerkResources(this, options.Time);
        Handshake = new ClerkHandshake(this, _resources);
        Users.Changed += Webhooks.Publish;
        Users.Changed += (type, user) =>
        {
            if (type == "user.deleted")
            {
                Browsers.End((string)user["id"]!);
            }
        };
    }

    /// <summary>The keys it signs with.</summary>
    public ClerkStandIn Instance { get; }

    /// <summary><c>sk_test_…</c>, for <c>CLERK_SECRET_KEY</c>.</summary>
    public string SecretKey { get; } = "sk_test_" + ClerkStandIn.NewId("x")[2..];

    public ClerkUsers Users { get; }

    /// <summary>The browsers that have been here.</summary>
    public ClerkBrowsers Browsers { get; }

    public ClerkHandshake Handshake { get; }

    public ClerkWebhooks Webhooks { get; }

    public ClerkLimits Limits { get; }

    /// <summary>How the Backend API fails.</summary>
    public ClerkFaults Faults { get; } = new();

    /// <summary>What was asked of the Backend API.</summary>
    public ClerkCalls Calls { get; } = new();

    /// <summary>Whether signing up takes a code from an e-mail, which is always <c>424242</c>.</summary>
    public bool EmailCodes { get; set; }

    /// <summary>What its pages call the app.</summary>
    public string ApplicationName { get; set; } = "Acme";

    /// <summary>For <c>CLERK_API_URL</c> and <c>CLERK_FAPI_URL</c>: callers append <c>/v1</c>.</summary>
    public Uri Address { get; private set; } = null!;


    public static async Task<ClerkServer> StartAsync(ClerkServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ClerkServerOptions();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.Port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(options.Port);
            }
        });
        var server = new ClerkServer(builder.Build(), options);
        try
        {
            server.Map();
            await server._web.StartAsync(cancellationToken);
            server.Address = new Uri(server._web.Urls.First());
            server.Users.ImageUrl = userId => new Uri(server.Address, $"/images/{userId}.svg").ToString();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Stop();
        await _web.DisposeAsync();
        await Webhooks.DisposeAsync();
        if (_ownsInstance)
        {
            Instance.Dispose();
        }
    }

    private void Map()
    {
        _web.Use(ClerkErrors.AnswerFaultsAsync);
        _web.Use(ClerkFrontendApi.AllowLocalOrigins);
        _web.Use(ClerkFrontendApi.UseMeantMethod);
        _web.UseRouting();
        _web.MapClerkBackendApi(this);
        _web.MapClerkFrontendApi(this, _resources, _options.Time);
        _web.MapGet("/v1/client/handshake", Handshake.Begin);
        _web.MapGet("/images/{user}.svg", (string user) => TypedResults.Text(ClerkImage.Of(user), "image/svg+xml"));
        if (_options.ScriptsFolder is { } folder)
        {
            _web.MapGet("/npm/@clerk/{package}/dist/{file}", (string package, string file) => ClerkScripts.Find(folder, package, file) is { } path
                ? TypedResults.PhysicalFile(path, "text/javascript")
                : ClerkErrors.NotFound("script"));
        }
    }
}
