using Dub.Clerk.Conversions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A Dub of our own on a loopback address, with Dub's real behaviour, that fails on demand and counts what it is asked and what it
/// has recorded. It keeps everything in memory. The API is at the root and under <c>/api</c>; what it counts, and how it is told to fail,
/// under <c>/_stand-in</c> (<see cref="DubControlApi"/>).</summary>
internal sealed class DubStandIn : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly DubWorkspace _workspace;

    private DubStandIn(WebApplication web, DubStandInOptions options)
    {
        _web = web;
        Options = options;
        _workspace = web.Services.GetRequiredService<DubWorkspace>();
        Calls = web.Services.GetRequiredService<DubCalls>();
        Faults = web.Services.GetRequiredService<FaultPlan>();
        Address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>How it behaves; what can be set, holds from the next call on.</summary>
    public DubStandInOptions Options { get; }

    /// <summary>For <c>DUB_API_URL</c>.</summary>
    public Uri Address { get; }

    /// <summary>For <c>DUB_API_KEY</c>.</summary>
    public string ApiKey => Options.ApiKey;

    /// <summary>What it was asked.</summary>
    public DubCalls Calls { get; }

    /// <summary>Which calls fail.</summary>
    public FaultPlan Faults { get; }

    /// <summary>What it has recorded, in order, as Dub's dashboard would count it.</summary>
    public IReadOnlyList<DubLead> Leads
    {
        get
        {
            lock (_workspace.Gate)
            {
                return [.. _workspace.Leads];
            }
        }
    }

    /// <summary>As <see cref="Leads"/>.</summary>
    public IReadOnlyList<DubSale> Sales
    {
        get
        {
            lock (_workspace.Gate)
            {
                return [.. _workspace.Sales];
            }
        }
    }

    /// <summary>Who is there, in order.</summary>
    public IReadOnlyList<DubCustomer> Customers
    {
        get
        {
            lock (_workspace.Gate)
            {
                return [.. _workspace.Customers];
            }
        }
    }

    /// <summary>Whether it has recorded all that it has acknowledged, which it does after the reply.</summary>
    public bool IsIdle => _web.Services.GetRequiredService<DubBackground>().IsIdle;

    /// <exception cref="ArgumentException">The address is not a loopback one.</exception>
    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task<DubStandIn> StartAsync(DubStandInOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DubStandInOptions();
        if (!options.Address.IsLoopback || options.Address.Scheme != "http")
        {
            throw new ArgumentException($"A stand-in listens on http and loopback only, not on {options.Address}.", nameof(options));
        }

        var builder = WebApplication.CreateSlimBuilder();
        // The settings of this machine have no place here, and neither has its log.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["urls"] = options.Address.ToString() });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        AddServices(builder.Services, options);

        var web = builder.Build();
        try
        {
            Configure(web);
            await web.StartAsync(cancellationToken);
            return new DubStandIn(web, options);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes clicks that Dub knows, on a link of its own. No webhook tells of them.</summary>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> PlantClicks(int count, DateTimeOffset? at = null) => PlantClicks(Enumerable.Range(0, count).Select(_ => Ids.NewEvent()), at);

    /// <summary>As <see cref="PlantClicks(int, DateTimeOffset?)"/>, with these ids.</summary>
    public IReadOnlyList<string> PlantClicks(IEnumerable<string> ids, DateTimeOffset? at = null)
        => _web.Services.GetRequiredService<DubControl>().PlantClicks(ids, at);

    /// <summary>Forgets everything: what was recorded and counted, and how it was told to fail.</summary>
    public void Reset() => _web.Services.GetRequiredService<DubControl>().Reset();

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _web.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
    }

    private static void AddServices(IServiceCollection services, DubStandInOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<DubWorkspace>();
        services.AddSingleton<DubCalls>();
        services.AddSingleton(new FaultPlan(options.Seed));
        services.AddSingleton<DubGate>();
        services.AddSingleton(_ => new DubBackground(options.Time));
        services.AddSingleton<DubWebhooks>();
        services.AddSingleton<DubClicks>();
        services.AddSingleton<DubTrackSale>();
        services.AddSingleton<DubControl>();
    }

    private static void Configure(WebApplication web)
    {
        web.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync });
        web.UsePathBase("/api");
        web.UseRouting();
        web.UseMiddleware<DubPipeline>();

        var role = new DubEndpoint(Permission: null);
        web.MapPost(DubCall.TrackLead, DubTrackLead.TrackAsync).WithMetadata(role);
        web.MapPost("/track/sale", (HttpRequest request, DubTrackSale sales) => sales.TrackAsync(request)).WithMetadata(role);
        web.MapPost("/track/click", (HttpContext context, DubClicks clicks) => clicks.TrackAsync(context)).WithMetadata(role with { Anonymous = true });
        web.MapGet("/customers", DubCustomers.List).WithMetadata(role);
        web.MapGet("/customers/{id}", DubCustomers.Get).WithMetadata(role);
        web.MapDelete("/customers/{id}", DubCustomers.Delete).WithMetadata(role);
        web.MapGet("/events", DubEvents.List).WithMetadata(new DubEndpoint("analytics.read") { IsAnalytics = true });
        web.MapPost("/links", DubLinks.CreateAsync).WithMetadata(new DubEndpoint("links.write") { TellsLimit = true });
        web.MapGet("/links/info", DubLinks.GetInfo).WithMetadata(new DubEndpoint("links.read") { TellsLimit = true });
        web.MapStandInControl();
        web.MapGet("/{**key}", (HttpContext context, DubClicks clicks, string? key) => clicks.Follow(context, key)).WithOrder(int.MaxValue);
    }

    /// <summary>A body that is too large or breaks off is the client's fault, everything else would be ours.</summary>
    private static Task AnswerAsync(HttpContext context)
    {
        var isClients = context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException;
        return (isClients ? DubReply.BadRequest("The request could not be read.") : DubReply.ServerError()).ExecuteAsync(context);
    }
}
