using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using Dub.Clerk.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>A small app on Kestrel that asks for Clerk's scheme: <c>/me</c> demands it, <c>/anyone</c> tells who is there.</summary>
internal sealed class ClerkApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ClerkApp(WebApplication app, FakeTimeProvider time, RecordedLogs logs)
    {
        _app = app;
        Time = time;
        Logs = logs;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public FakeTimeProvider Time { get; }

    public RecordedLogs Logs { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="now">Where its clock stands.</param>
    /// <param name="configure">The Clerk options.</param>
    /// <param name="services">What else the app registers, after Clerk's scheme.</param>
    public static async Task<ClerkApp> StartAsync(DateTimeOffset now, Action<DubClerkOptions> configure, Action<IServiceCollection>? services = null)
    {
        var time = new FakeTimeProvider(now);
        var logs = new RecordedLogs();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.Configure(configure);
        builder.Services.AddClerkAuthentication();
        builder.Services.AddAuthorization();
        services?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/me", (ClaimsPrincipal user) => user.GetClerkUserId())
            .RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = ClerkAuthenticationDefaults.AuthenticationScheme });
        app.MapGet("/anyone", (ClaimsPrincipal user) => user.Identity?.IsAuthenticated == true ? user.Identity.Name : "nobody");
        await app.StartAsync();
        return new ClerkApp(app, time, logs);
    }

    /// <summary>An app that trusts the stand-in instance of <see cref="TokenFixture"/>.</summary>
    public static Task<ClerkApp> StartAsync(Action<IServiceCollection>? services = null) => StartAsync(
        TokenFixture.Now,
        options =>
        {
            options.PublishableKey = TokenFixture.Clerk.PublishableKey;
            options.JwtKey = TokenFixture.Clerk.PublicKeyPem;
            options.AuthorizedParties.Add("https://app.example.com");
        },
        services);

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends header lines as they are, which <see cref="HttpClient"/> would join, and gives the answer's text.</summary>
    public async Task<string> GetRawAsync(string path, params string[] lines)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var connection = new TcpClient();
        await connection.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port, cancellation);
        await using var stream = connection.GetStream();
        var request = $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Concat(lines.Select(line => line + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
