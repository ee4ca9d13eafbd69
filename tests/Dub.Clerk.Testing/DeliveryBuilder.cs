using System.Globalization;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Testing;

/// <summary>A signed webhook delivery that can be wrong on purpose, one part at a time. What is changed by a property is signed as changed;
/// <see cref="WithHeader"/> changes what is sent without signing it.</summary>
internal sealed class DeliveryBuilder(string secret, byte[] body, DateTimeOffset now)
{
    private readonly Dictionary<string, StringValues> _changed = new(StringComparer.OrdinalIgnoreCase);

    public string Id { get; set; } = "msg_p5jXN8AQM9LWM0D4loKWxJek";

    public long Timestamp { get; set; } = now.ToUnixTimeSeconds();

    public byte[] Body { get; set; } = body;

    /// <summary><c>svix</c> or <c>webhook</c>.</summary>
    public string Family { get; set; } = "svix";

    /// <summary>Sends these values in place of what was signed; none leaves the header out.</summary>
    public DeliveryBuilder WithHeader(string name, params string[] values)
    {
        _changed[name] = values;
        return this;
    }

    public HeaderDictionary Headers()
    {
        if (!WebhookSecret.TryParse(secret, out var key, out var error))
        {
            throw new InvalidOperationException(error);
        }

        var headers = new HeaderDictionary
        {
            [$"{Family}-id"] = Id,
            [$"{Family}-timestamp"] = Timestamp.ToString(CultureInfo.InvariantCulture),
            [$"{Family}-signature"] = WebhookVerifier.Sign(key, Id, Timestamp, Body),
        };
        foreach (var (name, values) in _changed)
        {
            headers.Remove(name);
            if (values.Count > 0)
            {
                headers[name] = values;
            }
        }

        return headers;
    }

    /// <summary>The delivery as a request; give it an address and send it.</summary>
    public HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var (name, values) in Headers())
        {
            request.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        return request;
    }
}
