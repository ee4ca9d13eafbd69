using System.Text.Json;

namespace Dub.Clerk.Conversions;

/// <summary>A lead to record.</summary>
public sealed record Lead
{
    /// <summary>Your id of the customer. For a Clerk user the user id, so that it is the customer of the sign-up.</summary>
    public required string CustomerExternalId { get; init; }

    /// <summary>What happened, such as <c>Trial started</c>: 1 to 255 characters.</summary>
    public required string EventName { get; init; }

    /// <summary>The click that brought the customer: 16 letters and digits, from the cookie <c>dub_id</c>. Default none: the click the customer came
    /// with.</summary>
    public string? ClickId { get; init; }

    /// <summary>Only creates the customer, so that a later lead needs no click. Default false.</summary>
    public bool IsDeferred { get; init; }

    /// <summary>How many events the lead stands for, 1 to 100. Default 1.</summary>
    public int Quantity { get; init; } = 1;

    /// <summary>Kept with a new customer: at most 100 characters. A known customer is not changed.</summary>
    public string? CustomerName { get; init; }

    /// <summary>Kept with a new customer: at most 100 characters.</summary>
    public string? CustomerEmail { get; init; }

    /// <summary>The address of a picture, kept with a new customer.</summary>
    public string? CustomerAvatar { get; init; }

    /// <summary>What the event carries besides: a JSON object of at most 10,000 characters and 62 levels.</summary>
    public JsonElement? Metadata { get; init; }
}
