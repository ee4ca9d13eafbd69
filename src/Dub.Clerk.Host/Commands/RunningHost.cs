using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Dub.Clerk.Host.Commands;

/// <summary>The host that a command asks over HTTP: its store may be in its own process, and then nobody else can look into it.</summary>
internal sealed class RunningHost : IDisposable
{
    private const string DefaultAddress = "http://localhost:5080";

    private readonly HttpClient _http;

    private RunningHost(HttpClient http) => _http = http;

    public static Option<string?> AddressOption() => new("--host") { Description = $"Where the host is. Default {DefaultAddress}." };

    public static Option<string?> KeyOption() => new("--api-key") { Description = "Its DUBCLERK_API_KEY; the variable of that name when left out." };

    /// <exception cref="HostSetupException">The address or the key cannot be one.</exception>
    public static RunningHost Open(string? address, string? key)
    {
        if (!Uri.TryCreate((address ?? DefaultAddress).TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new HostSetupException("--host is no address: http://host:port.");
        }

        key ??= Environment.GetEnvironmentVariable("DUBCLERK_API_KEY");
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new HostSetupException("The host's API key is not known. Set DUBCLERK_API_KEY, or give it with --api-key.");
        }

        var http = new HttpClient { BaseAddress = uri, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
        return new RunningHost(http);
    }

    /// <exception cref="HostSetupException">The host does not answer, or refuses; the message says why.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? JsonElement.Parse(body)
                : throw new HostSetupException($"The host answered {(int)response.StatusCode}: {Message(body)}");
        }
        catch (HttpRequestException e)
        {
            throw new HostSetupException($"No host answers at {_http.BaseAddress} ({e.HttpRequestError}). Start it, or say where it is with --host.");
        }
        catch (JsonException)
        {
            throw new HostSetupException($"What answers at {_http.BaseAddress} is no Dub.Clerk host.");
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
