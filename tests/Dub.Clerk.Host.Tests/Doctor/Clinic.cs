using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.Host.Doctor;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Host.Tests.Doctor;

/// <summary>A sound installation: a running host, a Clerk and a Dub, and in front of the host a server that a test can make stand in the way.</summary>
public sealed class Clinic : IAsyncLifetime
{
    private const string PublicOrigin = "https://app.example.com";

    private readonly HttpClient _forward = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly X509Certificate2 _expired = SelfSigned(DateTimeOffset.UtcNow.AddDays(-1));
    private readonly X509Certificate2 _untrusted = SelfSigned(DateTimeOffset.UtcNow.AddDays(30));
    private WebApplication _front = null!;

    internal HostFixture Host { get; private set; } = null!;

    internal ClerkServer Clerk { get; private set; } = null!;

    internal DubStandIn Dub { get; private set; } = null!;

    /// <summary>Of Dub's webhook at the host.</summary>
    internal string DubWebhookSecret { get; } = "whsec_" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>How the server in front answers.</summary>
    internal Func<HttpContext, Task> Front { get; set; } = _ => Task.CompletedTask;

    internal Uri FrontAddress { get; private set; } = null!;

    /// <summary>The same in TLS; its certificate ran out for whoever asks for localhost, and is nobody's for who asks for the address.</summary>
    internal int TlsPort { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Clerk = await ClerkServer.StartAsync();
        Dub = await DubStandIn.StartAsync();
        Host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["CLERK_PUBLISHABLE_KEY"] = Clerk.Instance.PublishableKey,
            ["CLERK_JWT_KEY"] = Clerk.Instance.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = Clerk.Instance.WebhookSecret,
            ["DUB_WEBHOOK_SECRET"] = DubWebhookSecret,
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, name) => name == "localhost" ? _expired : _untrusted));
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        _front = builder.Build();
        _front.Run(context => Front(context));
        await _front.StartAsync();
        FrontAddress = new Uri(_front.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal)));
        TlsPort = new Uri(_front.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal))).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await Host.DisposeAsync();
        await Dub.DisposeAsync();
        await Clerk.DisposeAsync();
        _forward.Dispose();
        _expired.Dispose();
        _untrusted.Dispose();
    }

    /// <summary>An installation without a fault, to be changed in one place.</summary>
    internal Patient Sound() => new(this);

    /// <summary>Passes the request on to the host, as a proxy does.</summary>
    internal async Task PassOnAsync(HttpContext context, Func<string, string> changeBody, bool withSignature = true)
    {
        using var reader = new StreamReader(context.Request.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.Origin, context.Request.Path))
        {
            Content = new StringContent(changeBody(await reader.ReadToEndAsync()), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        foreach (var header in context.Request.Headers.Where(header => withSignature && header.Key.StartsWith("svix-", StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.Add(header.Key, header.Value.ToString());
        }

        using var response = await _forward.SendAsync(request);
        context.Response.StatusCode = (int)response.StatusCode;
    }

    internal string Token(DateTimeOffset? issued = null, string? azp = PublicOrigin, JsonObject? metadata = null)
        => Clerk.Instance.MintSessionToken(ClerkStandIn.NewId("user"), issued ?? DateTimeOffset.UtcNow, azp, metadata ?? new JsonObject { ["dubClickId"] = "0123456789abcdef", ["mail"] = Patient.Email });

    private static X509Certificate2 SelfSigned(DateTimeOffset until)
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), until);
    }
}

/// <summary>What a test gives the doctor.</summary>
internal sealed class Patient
{
    public const string Email = "ada@example.org";

    private readonly Clinic _clinic;

    public Patient(Clinic clinic)
    {
        _clinic = clinic;
        Settings = new Dictionary<string, string?>
        {
            ["CLERK_PUBLISHABLE_KEY"] = clinic.Clerk.Instance.PublishableKey,
            ["CLERK_JWT_KEY"] = clinic.Clerk.Instance.PublicKeyPem,
            ["CLERK_SECRET_KEY"] = clinic.Clerk.SecretKey,
            ["CLERK_API_URL"] = clinic.Clerk.Address.ToString(),
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clinic.Clerk.Instance.WebhookSecret,
            ["DUB_API_KEY"] = clinic.Dub.ApiKey,
            ["DUB_API_URL"] = clinic.Dub.Address.ToString(),
            ["DUB_WEBHOOK_SECRET"] = clinic.DubWebhookSecret,
            ["DUBCLERK_API_KEY"] = HostFixture.ApiKey,
            ["DUBCLERK_DATA_DIR"] = clinic.Host.Get<HostOptions>().DataDirectory,
            ["DubClerk:JwksAddress"] = new Uri(clinic.Clerk.Address, "/.well-known/jwks.json").ToString(),
            ["DubClerk:AuthorizedParties:0"] = "https://app.example.com",
        };
        Asked = new Asked(clinic.Host.Origin) { IsHostNamed = true, PublicAddress = clinic.Host.Origin, Token = clinic.Token() };
    }

    public Clinic Clinic => _clinic;

    public Dictionary<string, string?> Settings { get; }

    public string Environment { get; set; } = "Development";

    public Asked Asked { get; set; }

    /// <summary>Puts a server in front that answers like this.</summary>
    public void Front(Func<HttpContext, Task> answer)
    {
        _clinic.Front = answer;
        Asked = Asked with { PublicAddress = _clinic.FrontAddress };
    }

    public void Front(int status, string? header = null, string? value = null) => Front(context =>
    {
        context.Response.StatusCode = status;
        if (header is not null)
        {
            context.Response.Headers[header] = value;
        }

        return Task.CompletedTask;
    });

    /// <summary>Runs the doctor as the command does; no output may show a secret.</summary>
    public async Task<(int ExitCode, string Output)> ExamineAsync(bool json = true)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environment });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(Settings);
        using var output = new StringWriter();
        var exitCode = await DoctorCommand.RunAsync(builder, Asked, json, output, TestContext.Current.CancellationToken);
        var text = output.ToString();
        Assert.All(Secrets(), secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        return (exitCode, text);
    }

    private IEnumerable<string> Secrets()
    {
        string[] names = ["CLERK_SECRET_KEY", "CLERK_WEBHOOK_SIGNING_SECRET", "DUB_API_KEY", "DUB_WEBHOOK_SECRET", "DUBCLERK_API_KEY"];
        return names.Select(name => Settings.GetValueOrDefault(name)).Append(Asked.Token)
            .Append(_clinic.DubWebhookSecret).Append(_clinic.Clerk.SecretKey).Append(_clinic.Clerk.Instance.WebhookSecret).Append(_clinic.Dub.ApiKey).Append(Email)
            .OfType<string>().Where(secret => secret.Length > 6 && !secret.StartsWith("pk_", StringComparison.Ordinal));
    }
}
