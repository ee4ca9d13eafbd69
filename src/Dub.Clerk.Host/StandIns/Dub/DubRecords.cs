using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A short link and what it has brought. Guarded by <see cref="DubWorkspace.Gate"/>.</summary>
internal sealed class DubLink
{
    public required string Id { get; init; }

    public required string Domain { get; init; }

    public required string Key { get; init; }

    public required string Url { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool TrackConversion { get; init; }

    public string? ExternalId { get; init; }

    public int Clicks { get; set; }

    public int Leads { get; set; }

    public int Conversions { get; set; }

    public int Sales { get; set; }

    public long SaleAmount { get; set; }

    public DateTimeOffset? LastClicked { get; set; }

    public string ShortLink => $"https://{Domain}/{Key}";
}

/// <summary>A click.</summary>
internal sealed record DubClick(string Id, DateTimeOffset Timestamp, DubLink Link)
{
    public string UserAgent { get; init; } = "Unknown";

    public string? Referrer { get; init; }

    public bool Qr { get; init; }
}

/// <summary>A customer. Guarded by <see cref="DubWorkspace.Gate"/>.</summary>
internal sealed class DubCustomer
{
    public required string Id { get; init; }

    public required string ExternalId { get; init; }

    public required string Name { get; init; }

    public required string? Email { get; init; }

    public required string? Avatar { get; init; }

    /// <summary>The click that it came with; later ones change nothing here.</summary>
    public required DubClick Click { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public int Sales { get; set; }

    public long SaleAmount { get; set; }

    public DateTimeOffset? FirstSaleAt { get; set; }

    /// <summary>Its leads, in the order they were recorded.</summary>
    public List<DubLead> Leads { get; } = [];

    /// <summary>Until when a lead of mode <c>wait</c> counts for a sale although it is not recorded yet, by its name.</summary>
    public Dictionary<string, DateTimeOffset> CachedLeads { get; } = new(StringComparer.Ordinal);
}

/// <summary>A recorded lead.</summary>
/// <param name="EventId">Sixteen letters and digits.</param>
/// <param name="EventName">Such as <c>Sign Up</c>.</param>
/// <param name="Customer">Whose lead it is.</param>
/// <param name="Click">The click that this lead is credited to.</param>
/// <param name="RecordedAt">When it was recorded, which is after the reply.</param>
internal sealed record DubLead(string EventId, string EventName, DubCustomer Customer, DubClick Click, DateTimeOffset RecordedAt)
{
    public JsonObject? Metadata { get; init; }

    public string CustomerExternalId => Customer.ExternalId;

    public string ClickId => Click.Id;
}

/// <summary>A recorded sale.</summary>
internal sealed record DubSale(string EventId, string EventName, DubCustomer Customer, DubClick Click, DateTimeOffset RecordedAt)
{
    /// <summary>In cents.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required string PaymentProcessor { get; init; }

    public required string? InvoiceId { get; init; }

    public JsonObject? Metadata { get; init; }

    public string CustomerExternalId => Customer.ExternalId;
}
