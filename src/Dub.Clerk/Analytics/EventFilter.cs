using Dub.Clerk.Conversions;

namespace Dub.Clerk.Analytics;

/// <summary>Which events are asked for. All conditions must hold.</summary>
internal sealed record EventFilter
{
    public static readonly EventFilter None = new();

    public IReadOnlyList<DimensionFilter> Dimensions { get; init; } = [];

    /// <summary>Events of this customer only; of clicks, the one that brought them.</summary>
    public Customer? Customer { get; init; }

    /// <summary>Of sales, only a customer's first by their link (true), or only later ones (false).</summary>
    public bool? FirstSales { get; init; }

    /// <summary>Only links that are a domain itself (true), or only others (false).</summary>
    public bool? RootLinks { get; init; }

    /// <summary>What the metadata of leads and sales must say. Clicks have none.</summary>
    public IReadOnlyList<MetadataCondition> Metadata { get; init; } = [];

    /// <summary>Whether the click's dimensions are all that is looked at.</summary>
    public bool IsOfDimensions => Customer is null && FirstSales is null && RootLinks is null && Metadata.Count == 0;

    public bool Matches(LoggedEvent one)
    {
        foreach (var filter in Dimensions)
        {
            if (!filter.Matches(one.Click))
            {
                return false;
            }
        }

        return (Customer is null || (one.CustomerHome is { } home ? home == Customer.Home : one.Click.Id == Customer.ClickId))
            && (RootLinks is null || (one.Click.Key == Link.RootKey) == RootLinks)
            && (FirstSales is null || one.Sale is null || one.Sale.IsConversion == FirstSales)
            && Metadata.All(condition => one.Metadata is { } metadata && condition.Holds(metadata));
    }
}

/// <summary>A condition on one dimension.</summary>
/// <param name="Dimension">Which.</param>
/// <param name="Values">One of these.</param>
/// <param name="IsNegated">None of them.</param>
internal sealed record DimensionFilter(Dimension Dimension, IReadOnlySet<string> Values, bool IsNegated = false)
{
    public bool Matches(Click click) => Allows(Analytics.Dimensions.Of(click, Dimension));

    public bool Allows(string value) => Names(value) != IsNegated;

    /// <summary>Whether it is one of the values. A city is asked for by its bare name.</summary>
    public bool Names(string value) => Values.Contains(Dimension == Dimension.City ? value[(value.LastIndexOf(Analytics.Dimensions.Separator) + 1)..] : value);
}
