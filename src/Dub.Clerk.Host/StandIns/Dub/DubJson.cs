using System.Text.Json.Nodes;
using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.StandIns;

/// <summary>Dub's objects as its API and its webhooks write them, every key there and the nulls explicit.</summary>
internal static class DubJson
{
    private const string Unknown = "Unknown";
    private const string Direct = "(direct)";

    private static readonly string[] NullLinkFields =
    [
        "tenantId", "programId", "partnerId", "expiresAt", "expiredUrl", "disabledAt", "password", "title", "description", "image", "video", "ios",
        "android", "geo", "folderId", "comments", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "testVariants",
        "testStartedAt", "testCompletedAt", "userId", "tagId",
    ];

    /// <summary>The link of a lead's reply.</summary>
    public static JsonObject LeadLink(DubLink link) => new()
    {
        ["id"] = link.Id,
        ["domain"] = link.Domain,
        ["key"] = link.Key,
        ["shortLink"] = link.ShortLink,
        ["url"] = link.Url,
        ["partnerId"] = null,
        ["programId"] = null,
        ["tenantId"] = null,
        ["externalId"] = link.ExternalId,
    };

    /// <summary>A link in events and webhooks.</summary>
    public static JsonObject Link(DubLink link)
    {
        var json = new JsonObject
        {
            ["id"] = link.Id,
            ["domain"] = link.Domain,
            ["key"] = link.Key,
            ["url"] = link.Url,
            ["trackConversion"] = link.TrackConversion,
            ["externalId"] = link.ExternalId,
            ["archived"] = false,
            ["proxy"] = false,
            ["rewrite"] = false,
            ["doIndex"] = false,
            ["publicStats"] = false,
            ["tags"] = new JsonArray(),
            ["shortLink"] = link.ShortLink,
            ["qrCode"] = $"https://api.dub.co/qr?url={link.ShortLink}?qr=1",
            ["workspaceId"] = DubWorkspace.Id,
            ["projectId"] = DubWorkspace.Id,
            ["clicks"] = link.Clicks,
            ["leads"] = link.Leads,
            ["conversions"] = link.Conversions,
            ["sales"] = link.Sales,
            ["saleAmount"] = link.SaleAmount,
            ["lastClicked"] = Time(link.LastClicked),
            ["createdAt"] = Time(link.CreatedAt),
            ["updatedAt"] = Time(link.CreatedAt),
            ["webhookIds"] = new JsonArray(),
        };
        foreach (var field in NullLinkFields)
        {
            json[field] = null;
        }

        return json;
    }

    /// <summary>A link in the replies of <c>/links</c>, which has two fields more.</summary>
    public static JsonObject LinkReply(DubLink link)
    {
        var json = Link(link);
        json["identifier"] = null;
        json["linkRetentionCleanupDisabledAt"] = null;
        return json;
    }

    /// <summary>A customer in the replies of <c>/customers</c>; webhooks leave the country out.</summary>
    public static JsonObject Customer(DubCustomer customer, bool withCountry = true)
    {
        var json = new JsonObject
        {
            ["id"] = customer.Id,
            ["name"] = customer.Name,
            ["email"] = customer.Email,
            ["avatar"] = customer.Avatar,
            ["externalId"] = customer.ExternalId,
            ["stripeCustomerId"] = null,
            ["sales"] = customer.Sales,
            ["saleAmount"] = customer.SaleAmount,
            ["createdAt"] = Time(customer.CreatedAt),
            ["firstSaleAt"] = Time(customer.FirstSaleAt),
            ["subscriptionCanceledAt"] = null,
        };
        if (withCountry)
        {
            json["country"] = null;
        }

        return json;
    }

    public static JsonObject ClickEvent(DubClick click) => WithFlatFields(new JsonObject
    {
        ["event"] = "click",
        ["timestamp"] = Time(click.Timestamp),
        ["click"] = Click(click, click.Timestamp),
        ["link"] = Link(click.Link),
    });

    public static JsonObject LeadEvent(DubLead lead)
        => CustomerEvent("lead", lead.EventId, lead.EventName, lead.Metadata, lead.Click, lead.Customer, lead.RecordedAt);

    public static JsonObject SaleEvent(DubSale sale)
    {
        var json = CustomerEvent("sale", sale.EventId, sale.EventName, sale.Metadata, sale.Click, sale.Customer, sale.RecordedAt);
        json["sale"] = new JsonObject
        {
            ["amount"] = sale.Amount,
            ["invoiceId"] = sale.InvoiceId ?? string.Empty,
            ["paymentProcessor"] = sale.PaymentProcessor,
            ["currency"] = sale.Currency,
        };
        json["saleAmount"] = sale.Amount;
        json["invoice_id"] = sale.InvoiceId ?? string.Empty;
        json["payment_processor"] = sale.PaymentProcessor;
        return json;
    }

    /// <param name="click">The click.</param>
    /// <param name="timestamp">In the events of leads and sales, the event's own time.</param>
    public static JsonObject Click(DubClick click, DateTimeOffset timestamp) => new()
    {
        ["id"] = click.Id,
        ["timestamp"] = Time(timestamp),
        ["url"] = click.Link.Url,
        ["country"] = Unknown,
        ["city"] = Unknown,
        ["region"] = Unknown,
        ["continent"] = Unknown,
        ["device"] = "Desktop",
        ["browser"] = Unknown,
        ["os"] = Unknown,
        ["ua"] = click.UserAgent,
        ["trigger"] = click.Qr ? "qr" : "link",
        ["referer"] = Uri.TryCreate(click.Referrer, UriKind.Absolute, out var referrer) ? referrer.Host : Direct,
        ["refererUrl"] = click.Referrer?.Split('?')[0] ?? Direct,
        ["qr"] = click.Qr,
        ["ip"] = string.Empty,
    };

    public static string? Time(DateTimeOffset? time) => time is { } known ? DubTime.Format(known) : null;

    private static JsonObject CustomerEvent(
        string kind, string eventId, string eventName, JsonObject? metadata, DubClick click, DubCustomer customer, DateTimeOffset at)
    {
        var json = new JsonObject
        {
            ["event"] = kind,
            ["timestamp"] = Time(at),
            ["eventId"] = eventId,
            ["eventName"] = eventName,
            ["click"] = Click(click, at),
            ["link"] = Link(click.Link),
            ["customer"] = new JsonObject
            {
                ["id"] = customer.Id,
                ["externalId"] = customer.ExternalId,
                ["name"] = customer.Name,
                ["email"] = customer.Email,
                ["avatar"] = customer.Avatar,
                ["country"] = null,
                ["createdAt"] = Time(customer.CreatedAt),
            },
        };
        if (metadata is { Count: > 0 })
        {
            json["metadata"] = metadata.DeepClone();
        }

        return WithFlatFields(json);
    }

    /// <summary>What Dub keeps beside the objects for older callers.</summary>
    private static JsonObject WithFlatFields(JsonObject json)
    {
        var (click, link) = (json["click"]!, json["link"]!);
        json["click_id"] = click["id"]!.DeepClone();
        json["link_id"] = link["id"]!.DeepClone();
        foreach (var field in (string[])["domain", "key"])
        {
            json[field] = link[field]!.DeepClone();
        }

        foreach (var field in (string[])["url", "continent", "country", "city", "device", "browser", "os", "ip"])
        {
            json[field] = click[field]!.DeepClone();
        }

        json["qr"] = click["qr"]!.GetValue<bool>() ? 1 : 0;
        return json;
    }
}
