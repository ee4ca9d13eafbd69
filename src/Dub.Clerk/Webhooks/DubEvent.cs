using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Webhooks;

/// <summary>Reads Dub's deliveries, leniently: what we do not need may have any shape.</summary>
internal static class DubEvent
{
    /// <summary>The click that a <c>link.clicked</c>, <c>lead.created</c> or <c>sale.created</c> event is about; null when it names none.</summary>
    public static Click? ReadClick(JsonElement data, DateTimeOffset receivedAt)
    {
        if (LenientJson.Property(data, "click") is not { } click || LenientJson.Text(click, "id") is not { } id || !ClickId.IsValid(id)
            || LenientJson.Property(data, "link") is not { } link || LenientJson.Text(link, "id") is not { Length: > 0 and <= 190 } linkId)
        {
            return null;
        }

        return new Click
        {
            Id = id,
            Timestamp = Time(LenientJson.Text(click, "timestamp")) ?? receivedAt,
            LinkId = linkId,
            Domain = LenientJson.Text(link, "domain") ?? string.Empty,
            Key = LenientJson.Text(link, "key") ?? string.Empty,
            Url = LenientJson.Text(click, "url") ?? LenientJson.Text(link, "url") ?? string.Empty,
            Trigger = LenientJson.Text(click, "trigger") ?? ClickTrigger.Link,
            Device = Known(click, "device"),
            Browser = Known(click, "browser"),
            Os = Known(click, "os"),
            Continent = Known(click, "continent"),
            Country = Known(click, "country"),
            Region = Known(click, "region"),
            City = Known(click, "city"),
            Referrer = LenientJson.Text(click, "refererUrl") is { } referrer && referrer != "(direct)" ? referrer : null,
            Qr = LenientJson.Property(click, "qr") is { ValueKind: JsonValueKind.True },
            FromDub = true,
        };
    }

    /// <summary>Whose lead of which name a <c>lead.created</c> event is about.</summary>
    public static (string Customer, string EventName)? ReadLead(JsonElement data)
        => LenientJson.Property(data, "customer") is { } customer && LenientJson.Text(customer, "externalId") is { Length: > 0 } externalId
            && LenientJson.Text(data, "eventName") is { Length: > 0 } eventName
            ? (externalId, eventName)
            : null;

    /// <summary>What Dub does not know, it calls so.</summary>
    private static string? Known(JsonElement click, string name) => LenientJson.Text(click, name) is { Length: > 0 and <= 190 } text && text != "Unknown" ? text : null;

    private static DateTimeOffset? Time(string? text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
