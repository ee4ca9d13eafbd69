using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Commands;

/// <summary>The host that a command asks over HTTP: its store may be in its own process, and then nobody else can look into it.</summary>
internal sealed class RunningHost : IDisposable
{
    private const string DefaultAddress = "http://localhost:5080";

    private readonly HttpClient _http;

    private RunningHost(HttpClient http) => _http = http;

    public static Option<string?> AddressOption() => new("--host") { Description = "Where the host is.", DefaultValueFactory = _ => DefaultAddress };

    public static Option<string?> KeyOption() => new("--api-key") { Description = "The host's API key. Default: DUBCLERK_API_KEY, from the environment or the folder DUBCLERK_SECRETS_DIR, where other users of the machine cannot read it." };

    /// <exception cref="HostSetupException">The address or the key cannot be one.</exception>
    public static RunningHost Open(string? address, string? key)
    {
        var uri = ReadAddress(address);
        key ??= ConfiguredKey();
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new HostSetupException("The host's API key is not known. Set DUBCLERK_API_KEY, or give it with --api-key.");
        }

        var http = new HttpClient { BaseAddress = uri, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
        return new RunningHost(http);
    }

    /// <exception cref="HostSetupException">The folder of secrets cannot be read.</exception>
    private static string? ConfiguredKey()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables();
        configuration.AddSecretFiles();
        return HostSecrets.Keys(configuration[HostSecrets.ApiKeyName]).FirstOrDefault();
    }

    /// <exception cref="HostSetupException">It cannot be one.</exception>
    public static Uri ReadAddress(string? address)
        => Uri.TryCreate((address ?? DefaultAddress).TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new HostSetupException("--host is no address: http://host:port.");

    /// <exception cref="HostSetupException">The host refuses the key or what was asked; the message says why.</exception>
    /// <exception cref="CommandFailedException">The host does not answer, or cannot do it.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var refusal = $"The host answered {(int)response.StatusCode}: ";
            return response.StatusCode switch
            {
                >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous => JsonElement.Parse(body),
                HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity
                    => throw new HostSetupException(refusal + Message(body)),
                _ => throw new CommandFailedException(refusal + Message(body)),
            };
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailedException($"No host answers at {_http.BaseAddress} ({e.HttpRequestError}). Start it, or say where it is with --host.");
        }
        catch (JsonException)
        {
            throw new CommandFailedException($"What answers at {_http.BaseAddress} is no Dub.Clerk host.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Message(byte[] body)
    {
        try
        {
            return LenientJson.Property(JsonElement.Parse(body), "error") is { } error ? LenientJson.Text(error, "message") ?? string.Empty : string.Empty;
        }
        catch (JsonException)
        {
            return string.Empty;
        }
    }
}
