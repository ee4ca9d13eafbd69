using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Testing;

/// <summary>A key-set endpoint over real HTTP that a test can make slow, down, huge, lying or rotating between two requests.</summary>
internal sealed class JwksServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private JwksServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>How many requests have arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What it answers.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    };

    public static async Task<JwksServer> StartAsync(string? json = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new JwksServer(app);
        app.Run(context =>
        {
            Interlocked.Increment(ref server._requests);
            return server.Answer(context);
        });
        await app.StartAsync();
        server.Address = new Uri(app.Urls.First() + "/.well-known/jwks.json");
        if (json is not null)
        {
            server.Serve(json);
        }

        return server;
    }

    /// <summary>Answers 200 with this text from now on.</summary>
    public void Serve(string json) => Answer = context =>
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
