using System.Text.Json.Serialization;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Host.Browsers;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Host.Health;
using Dub.Clerk.Host.Links;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.Reconciliation;
using Dub.Clerk.Host.Secrets;
using Dub.Clerk.Store;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scalar.AspNetCore;
using StackExchange.Redis;

namespace Dub.Clerk.Host;

/// <summary>The server: its store, its services and its endpoints.</summary>
internal sealed partial class HostApp : IAsyncDisposable
{
    /// <summary>No request needs more: a webhook delivery has at most 1 MiB.</summary>
    private const long MaxRequestBytes = 2 * 1024 * 1024;

    /// <summary>How long a start waits for a store that is away.</summary>
    private static readonly TimeSpan FormatPatience = TimeSpan.FromSeconds(5);

    private readonly EmbeddedStore? _store;
    private readonly IConnectionMultiplexer? _connection;

    private HostApp(WebApplication web, EmbeddedStore? store, IConnectionMultiplexer? connection)
    {
        Web = web;
        _store = store;
        _connection = connection;
    }

    public WebApplication Web { get; }

    /// <summary>Starts the store and puts the server together; it does not listen yet.</summary>
    /// <param name="builder">With the configuration to use.</param>
    /// <param name="more">Further endpoints, for the commands that play with stand-ins.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="HostSetupException">A setting is missing or wrong.</exception>
    /// <exception cref="EmbeddedStoreException">The embedded store cannot start.</exception>
    public static async Task<HostApp> CreateAsync(WebApplicationBuilder builder, Action<WebApplication>? more = null, CancellationToken cancellationToken = default)
    {
        if (ApiDocument.IsBeingWritten)
        {
            ApiDocument.ConfigureForWriting(builder.Configuration);
        }

        // The framework tells every address that is asked for, and addresses of the API name people. Whoever wants that sets the level.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore", "Warning")] });

        var options = HostSettings.Read(builder);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        });

        builder.FindAssets();
        EmbeddedStore? store = null;
        IConnectionMultiplexer? connection = null;
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Redis")))
        {
            (store, connection) = await StartStoreAsync(builder, options, cancellationToken);
            builder.Services.AddSingleton(store);
            builder.Services.AddSingleton<IErasureListener>(store);
            builder.Services.AddSingleton(connection);
            builder.Services.AddSingleton(StoreInspection.NotNeeded);
        }

        WebApplication? web = null;
        try
        {
            AddServices(builder.Services, options, isEmbedded: store is not null);
            builder.Services.AddTelemetry(builder.Configuration);
            if (ApiDocument.IsBeingWritten)
            {
                // Nothing is worked on, at whatever store the machine may have, and nothing is told of that.
                builder.Services.RemoveAll<IHostedService>();
                builder.Logging.ClearProviders();
            }

            web = builder.Build();
            Configure(web, options);
            more?.Invoke(web);
            if (!ApiDocument.IsBeingWritten)
            {
                await RefuseForeignStoreAsync(web.Services.GetRequiredService<StoreSchema>(), cancellationToken);
                await web.Services.GetRequiredService<StoreDurabilityCheck>().RefuseStartAsync(cancellationToken);
            }

            return new HostApp(web, store, connection);
        }
        catch
        {
            if (web is not null)
            {
                await web.DisposeAsync();
            }

            await StopStoreAsync(store, connection);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await StopStoreAsync(_store, _connection);
    }

    /// <summary>A store that would be read wrongly is refused before anything is written into it. One that is away may come: until then the host is not
    /// ready.</summary>
    private static async Task RefuseForeignStoreAsync(StoreSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            await schema.CheckAsync().WaitAsync(FormatPatience, cancellationToken);
        }
        catch (StoreFormatException e)
        {
            throw new HostSetupException(e.Message);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
        }
    }

    private static void AddServices(IServiceCollection services, HostOptions options, bool isEmbedded)
    {
        services.AddSingleton(options);
        services.AddTrustedProxies(options.Proxy);
        options.RateLimits.AddTo(services);
        services.AddDubClerk();
        services.AddSingleton<LiveSecrets>();
        services.AddSingleton<ClickRecorder>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<LinkResolver>();
        services.AddSingleton<VisitorReader>();
        services.AddSingleton<LinkDefaults>();
        services.AddSingleton<LinkWriter>();
        services.AddSingleton<EventFields.Reader>();
        services.AddSingleton<EventList>();
        services.AddSingleton<ApiCalls>();
        services.AddSingleton<TrackClickApi.Tracking>();
        services.AddSingleton<OutboxDesk>();
        services.AddDashboard();
        services.AddHealth(options, isEmbedded);
        services.AddOpenApi(ApiDocument.Configure);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
            // A number is a number, in the API document too.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
    }

    private static void Configure(WebApplication web, HostOptions options)
    {
        web.UseTrustedProxies(options.Proxy);
        web.UseMiddleware<BasicHeaders>();
        web.UseHsts();
        web.UseExceptionHandler(DubErrors.Handling);
        web.UseStatusCodePages(DubErrors.AnswerBareStatusAsync);
        web.UseRateLimiter();
        if (options.Sessions)
        {
            web.UseDubClerk();
            web.MapAttribution();
        }
        else
        {
            Log.NoSessions(web.Logger);
        }

        if (options is { AnyDomain: false, ShortDomains.Count: 0 })
        {
            Log.NoShortDomains(web.Logger);
        }

        web.UseDashboard();
        web.MapClerkWebhooks().RequireRateLimiting(RateLimits.Webhooks);
        if (options.DubWebhooks)
        {
            web.MapDubWebhooks().RequireRateLimiting(RateLimits.Webhooks);
        }

        web.MapDubApi();
        web.MapBrowserScript();
        web.MapHealth();
        web.MapDashboard();
        web.MapOpenApi();
        web.MapScalarApiReference(ApiDocument.ConfigureReference);
        web.MapShortLinks();
    }

    private static async Task<(EmbeddedStore Store, IConnectionMultiplexer Connection)> StartStoreAsync(
        WebApplicationBuilder builder, HostOptions options, CancellationToken cancellationToken)
    {
        // The store outlives the app's own logging, so it has its own.
        var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var store = new EmbeddedStore(options.DataDirectory, loggers, TimeProvider.System);
        try
        {
            await store.StartAsync(cancellationToken);
            var configuration = store.ConfigurationOptions;
            configuration.ClientName = "Dub.Clerk.Host";
            configuration.AbortOnConnectFail = false;
            configuration.BacklogPolicy = BacklogPolicy.FailFast;
            configuration.IncludeDetailInExceptions = false;
            return (store, await ConnectionMultiplexer.ConnectAsync(configuration));
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static async Task StopStoreAsync(EmbeddedStore? store, IConnectionMultiplexer? connection)
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }

        if (store is not null)
        {
            await store.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.NoSessions, LogLevel.Warning, "CLERK_PUBLISHABLE_KEY is not set, so no session is checked: there is no /attribution, and a click counts only when it comes in a sign-up's unsafe_metadata.")]
        public static partial void NoSessions(ILogger logger);

        [LoggerMessage(HostEventIds.NoShortDomains, LogLevel.Warning, "No short domain is configured, so no link can be created. Name yours in DubClerk__ShortDomains__0.")]
        public static partial void NoShortDomains(ILogger logger);
    }
}
