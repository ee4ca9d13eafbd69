namespace Dub.Clerk.Diagnostics;

/// <summary>The attributes of metrics and spans. In metrics they have few values: outcomes and kinds, never ids.</summary>
internal static class Tags
{
    public const string Outcome = "dubclerk.outcome";
    public const string Sender = "dubclerk.sender";
    public const string Destination = "dubclerk.destination";
    public const string Kind = "dubclerk.kind";

    /// <summary>In spans alone.</summary>
    public const string Attempt = "dubclerk.attempt";

    /// <summary>In spans alone: what the sender of a webhook calls the delivery.</summary>
    public const string DeliveryId = "dubclerk.delivery.id";

    /// <summary>OpenTelemetry's.</summary>
    public const string ErrorType = "error.type";

    /// <summary>OpenTelemetry's.</summary>
    public const string ResponseStatus = "http.response.status_code";
}
