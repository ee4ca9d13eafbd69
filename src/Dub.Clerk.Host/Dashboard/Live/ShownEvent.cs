using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>An event as its line shows it.</summary>
public sealed record ShownEvent
{
    /// <summary><c>click</c>, <c>lead</c> or <c>sale</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of a lead or sale.</summary>
    public string? Name { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Of a sale, in cents.</summary>
    public long? Amount { get; init; }

    public required string LinkId { get; init; }

    /// <summary>Domain and key as they were when it was clicked.</summary>
    public required string Link { get; init; }

    /// <summary>Of a lead or sale: the customer's external id.</summary>
    public string? User { get; init; }

    /// <summary>The customer's name and e-mail address.</summary>
    public string? Who { get; init; }

    public bool IsErased { get; init; }

    /// <summary>Where the click came from, and by what.</summary>
    public required string Visitor { get; init; }

    internal static ShownEvent Of(EventRow row)
    {
        var (one, click) = (row.Logged, row.Logged.Click);
        return new ShownEvent
        {
            Kind = EventsApi.NameOf(one.Kind),
            Name = one.Sale?.EventName ?? one.Lead?.EventName,
            At = one.Timestamp,
            Amount = one.Sale?.Amount,
            LinkId = click.LinkId,
            Link = click.Key == Conversions.Link.RootKey ? click.Domain : $"{click.Domain}/{click.Key}",
            User = string.IsNullOrEmpty(one.CustomerHome) ? null : row.Customer?.ExternalId ?? one.CustomerHome,
            Who = Join(row.Customer?.Name, row.Customer?.Email),
            IsErased = one.CustomerHome is not null && row.Customer is null,
            Visitor = Join(click.City, click.Country, click.Device, click.Browser, click.Os),
        };
    }

    private static string Join(params IEnumerable<string?> parts) => string.Join(" · ", parts.Where(part => !string.IsNullOrEmpty(part)));
}
