namespace Dub.Clerk.Conversions;

/// <summary>What became of a lead.</summary>
/// <param name="Outcome">Whether it was recorded, or why not.</param>
public sealed record LeadResult(ConversionOutcome Outcome)
{
    /// <summary>The click it is credited to, or was given for it.</summary>
    public string? ClickId { get; init; }

    /// <summary>The link it is credited to; null unless it was recorded now or deferred.</summary>
    public string? LinkId { get; init; }

    /// <summary>The customer as stored; null when there is none.</summary>
    public Customer? Customer { get; init; }

    /// <summary>The event's id; null unless it was recorded now.</summary>
    public string? LeadId { get; init; }

    internal Click? Click { get; init; }

    internal Link? Link { get; init; }
}
