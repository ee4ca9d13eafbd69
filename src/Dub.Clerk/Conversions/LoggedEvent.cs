using System.Text.Json;

namespace Dub.Clerk.Conversions;

/// <summary>An event of the log: a click, or a lead or sale with the click it is credited to.</summary>
internal sealed record LoggedEvent(Click Click, LeadEvent? Lead = null, SaleEvent? Sale = null)
{
    public EventKind Kind => Sale is not null ? EventKind.Sales : Lead is not null ? EventKind.Leads : EventKind.Clicks;

    public string Id => Sale?.Id ?? Lead?.Id ?? Click.Id;

    public DateTimeOffset Timestamp => Sale?.Timestamp ?? Lead?.Timestamp ?? Click.Timestamp;

    /// <summary>Null for a click.</summary>
    public string? CustomerHome => Sale?.CustomerExternalId ?? Lead?.CustomerExternalId;

    public JsonElement? Metadata => Sale?.Metadata ?? Lead?.Metadata;
}
