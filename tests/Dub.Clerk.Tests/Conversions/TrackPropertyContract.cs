using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Conversions;

/// <summary>Whatever is sent to the endpoints that track: it is answered in Dub's shape, and what is accepted a plain check of the fields accepts too.</summary>
public abstract class TrackPropertyContract(StoreKind kind) : IAsyncLifetime
{
    /// <summary>Texts of leads and sales.</summary>
    private static readonly string[] Texts = ["clickId", "customerExternalId", "externalId", "customerId", "customerName", "customerEmail", "customerAvatar"];

    private static readonly Gen<string> FieldName = Gen.OneOf(
        Gen.OneOf([.. Texts, "invoiceId", "leadEventName", "url", "referrer", "eventName", "mode", "eventQuantity", "metadata", "amount", "currency", "paymentProcessor", "domain", "key", "", "\\u0061mount", "\\ud800"]),
        Gen.String[0, 3].Select(text => JsonSerializer.Serialize(text)[1..^1]));

    private TestStore? _store;
    private HostFixture _host = null!;
    private string _click = null!;
    private int _accepted;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        _store = kind == StoreKind.Garnet ? null : await TestStore.StartAsync(kind);
        _host = await HostFixture.StartAsync(_store is null ? null : new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = _store.ConnectionString });
        await _host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"launch","trackConversion":true}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/launch");
        request.Headers.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36");
        using var response = await _host.Client.SendAsync(request);
        _click = response.Headers.Location!.OriginalString.Split("dub_id=")[1];
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    /// <summary>Its click is not asked after: a lead that is there already is answered whatever the repeat says.</summary>
    [Fact]
    public Task AnyLead_IsAnsweredAndChecked() => TryAsync(
        "/track/lead", $$"""{"clickId":"{{_click}}","eventName":"x","customerExternalId":"c1" """,
        body => Is(body, "eventName", JsonValueKind.String, required: true) && Text(body, "eventName")!.Trim().Length is >= 1 and <= 255
            && Is(body, "eventQuantity", JsonValueKind.Number) && Number(body, "eventQuantity", 1) is >= 1 and <= 100
            && (!body.ContainsKey("mode") || Text(body, "mode") is "async" or "wait" or "deferred")
            && HasCustomer(body));

    [Fact]
    public async Task AnySale_IsAnsweredAndChecked()
    {
        await _host.CallAsync(HttpMethod.Post, "/track/lead", $$"""{"clickId":"{{_click}}","eventName":"x","customerExternalId":"c1"}""");
        await TryAsync(
            "/track/sale", """{"amount":1,"customerExternalId":"c1" """,
            body => Is(body, "amount", JsonValueKind.Number, required: true) && Number(body, "amount", -1) is >= 0 and <= 9007199254740991
                && (!body.ContainsKey("currency") || Text(body, "currency")?.Trim().ToUpperInvariant() == "USD")
                && (!body.ContainsKey("eventName") || Text(body, "eventName")?.Length <= 255)
                && (!body.ContainsKey("paymentProcessor") || Text(body, "paymentProcessor") is "stripe" or "custom")
                && Is(body, "invoiceId", JsonValueKind.String) && Is(body, "leadEventName", JsonValueKind.String) && HasCustomer(body));
    }

    [Fact]
    public Task AnyClick_IsAnsweredAndChecked() => TryAsync(
        "/track/click", """{"domain":"127.0.0.1","key":"launch" """,
        body => Text(body, "domain")?.Contains("127.0.0.1", StringComparison.Ordinal) == true && "launch".Equals(Text(body, "key"), StringComparison.OrdinalIgnoreCase)
            && Is(body, "url", JsonValueKind.String) && Is(body, "referrer", JsonValueKind.String));

    private async Task TryAsync(string address, string good, Func<Dictionary<string, JsonElement>, bool> isRight)
    {
        await Bodies(good).SampleAsync(
            async body =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", HostFixture.ApiKey);
                using var response = await _host.Client.SendAsync(request);
                var answer = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
                if ((int)response.StatusCode != 200)
                {
                    return (int)response.StatusCode is 400 or 404 or 422 && answer.GetProperty("error").GetProperty("message").GetString()!.Length > 0;
                }

                Interlocked.Increment(ref _accepted);
                return Read(body) is { } fields && isRight(fields);
            },
            iter: Inputs.OverHttp);

        Assert.True(_accepted > 0, "Nothing was accepted, so nothing was shown.");
    }

    /// <summary>Mostly good ones with more fields, of which the last of a name counts; and what no longer is one.</summary>
    private Gen<byte[]> Bodies(string good)
    {
        var value = Gen.OneOf(
            Gen.OneOf(
                "null", "true", "0", "1", "-0", "1.0", "1.5", "-1", "100", "101", "1e2", "1e300", "1e-400", "9007199254740991", "9007199254740992", "\"\"", "\" \"", "\"x\"", "\"usd\"", "\" USD \"",
                "\"eur\"", "\"wait\"", "\"deferred\"", "\"stripe\"", "\"custom\"", "\"ada@example.org\"", "\"a@b\"", "\"c2\"", "\"127.0.0.1\"", "\"http://127.0.0.1:80/x\"", "\"LAUNCH\"", "\"https://example.com/\"",
                "{}", "[]", "{\"a\":[1,{\"b\":null}]}", "{\"a\":\"\\ud800\"}", "\"\\ud800\"", "\"\\u0000\"", $"\"{new string('x', 101)}\"", $"\"{new string('x', 256)}\"",
                $"{{\"a\":\"{new string('x', 10_000)}\"}}", string.Concat(Enumerable.Repeat("{\"a\":", 61)) + "1" + new string('}', 61), $"\"{_click}\"", $"\" {_click} \"", "\"AAAAAAAAAAAAAAAA\""),
            Gen.String[0, 5].Select(text => JsonSerializer.Serialize(text)));
        var fields = Gen.Select(FieldName, value, (name, of) => $",\"{name}\":{of}").Array[0, 3].Select(string.Concat);
        var whole = Gen.Select(Gen.OneOf(good, good, good, "{\"x\":1"), fields, (start, rest) => Encoding.UTF8.GetBytes(start + rest + "}"));
        return Gen.Select(whole, Gen.Int[0, 9], Gen.Int[0, 1000], Gen.Byte, (body, kind, at, with) => kind switch
        {
            0 => [.. body.Select((old, i) => i == at % body.Length ? with : old)],
            1 => body[..(at % body.Length)],
            _ => body,
        });
    }

    /// <summary>The fields of an object that is one; null where it is none.</summary>
    private static Dictionary<string, JsonElement>? Read(byte[] body)
    {
        try
        {
            var root = JsonElement.Parse(body);
            var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var field in root.ValueKind == JsonValueKind.Object ? root.EnumerateObject().AsEnumerable() : [])
            {
                if (NameOf(field) is { } name)
                {
                    fields[name] = field.Value;
                }
            }

            return root.ValueKind == JsonValueKind.Object ? fields : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null where it is no text, as half a surrogate pair.</summary>
    private static string? NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(Dictionary<string, JsonElement> fields, string name)
    {
        try
        {
            return fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Of that kind, or absent, or null.</summary>
    private static bool Is(Dictionary<string, JsonElement> fields, string name, JsonValueKind kind, bool required = false)
        => !fields.TryGetValue(name, out var value) ? !required : (!required && value.ValueKind == JsonValueKind.Null) || (value.ValueKind == kind && (kind != JsonValueKind.String || Text(fields, name) is not null));

    /// <summary>NaN where it is no integer.</summary>
    private static double Number(Dictionary<string, JsonElement> fields, string name, double absent)
        => fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number ? double.IsInteger(value.GetDouble()) ? value.GetDouble() : double.NaN : absent;

    private static bool HasCustomer(Dictionary<string, JsonElement> fields)
        => new[] { "customerExternalId", "externalId", "customerId" }.Any(name => !string.IsNullOrWhiteSpace(Text(fields, name)))
            && (Text(fields, "customerName") ?? string.Empty).Length <= 100
            && (Text(fields, "customerEmail") is not { } email || (email.Length <= 100 && email.Split('@') is [{ Length: > 0 }, var domain] && domain.Contains('.', StringComparison.Ordinal)))
            && Is(fields, "metadata", JsonValueKind.Object) && Array.TrueForAll(Texts, name => Is(fields, name, JsonValueKind.String));
}

/// <summary>On the host's embedded store.</summary>
public sealed class TrackPropertiesOnGarnet() : TrackPropertyContract(StoreKind.Garnet);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class TrackPropertiesOnCluster() : TrackPropertyContract(StoreKind.Cluster);
