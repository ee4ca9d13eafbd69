using System.Text.Json;

namespace Dub.Clerk.Host.StandIns;

/// <summary>One kind of call, as it is counted.</summary>
/// <param name="Path">The route, such as <c>/track/lead</c> or <c>/customers/{id}</c>, without <c>/api</c>.</param>
/// <param name="Customer">The external id that it is about, where it says one.</param>
/// <param name="Mode">The mode of a lead, <c>async</c> where none is given.</param>
internal sealed record DubCall(string Path, string? Customer, string? Mode)
{
    public const string TrackLead = "/track/lead";

    /// <summary>Whether it is a call that takes the key which makes retries silent.</summary>
    public bool TakesKey => Path == TrackLead && Mode != "deferred";

    /// <summary>Reads what the call is about, however faulty it is, and leaves the body to be read again.</summary>
    public static async Task<DubCall> ReadAsync(HttpRequest request, string path)
    {
        if (!path.StartsWith("/track/", StringComparison.Ordinal))
        {
            var id = request.RouteValues["id"] as string;
            return new DubCall(path, id?.StartsWith("ext_", StringComparison.Ordinal) is true ? id[4..] : request.Query["externalId"], null);
        }

        request.EnableBuffering();
        string? customer = null, mode = null;
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            customer = Text(json, "customerExternalId") ?? Text(json, "externalId") ?? Text(json, "customerId");
            mode = Text(json, "mode");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Counted all the same; the endpoint says what is wrong with it.
        }

        request.Body.Position = 0;
        return new DubCall(path, customer, path == TrackLead ? mode ?? "async" : null);
    }

    private static string? Text(JsonDocument json, string name)
        => json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 } text ? text : null;
}

/// <summary>Counts the calls that came in, those that a fault or a limit ended included.</summary>
internal sealed class DubCalls
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DubCall, int> _counts = [];

    public int Total
    {
        get
        {
            lock (_gate)
            {
                return _counts.Values.Sum();
            }
        }
    }

    public IReadOnlyDictionary<string, int> ByPath
    {
        get
        {
            lock (_gate)
            {
                return _counts.GroupBy(pair => pair.Key.Path).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value), StringComparer.Ordinal);
            }
        }
    }

    /// <summary>The calls by path, customer and mode.</summary>
    public IReadOnlyDictionary<DubCall, int> ByCustomer
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<DubCall, int>(_counts);
            }
        }
    }

    public int Count(string path) => ByPath.GetValueOrDefault(path);

    public int Count(string path, string customer, string? mode = null)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(new DubCall(path, customer, mode));
        }
    }

    public void Add(DubCall call)
    {
        lock (_gate)
        {
            _counts[call] = _counts.GetValueOrDefault(call) + 1;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _counts.Clear();
        }
    }
}
