namespace Dub.Clerk.Conversions;

/// <summary>What became of a sale.</summary>
/// <param name="Outcome">Whether it was recorded, or why not.</param>
public sealed record SaleResult(ConversionOutcome Outcome)
{
    /// <summary>The event's id; null when nothing was recorded.</summary>
    public string? SaleId { get; init; }

    /// <summary>The customer as stored; null when there is none.</summary>
    public Customer? Customer { get; init; }

    /// <summary>In US cents, as it was recorded under the invoice.</summary>
    public long Amount { get; init; }

    /// <summary>The event's name, as it was recorded under the invoice.</summary>
    public string? EventName { get; init; }

    internal string? LinkId { get; init; }

    internal SaleEvent? Sale { get; init; }
}
