using Dub.Clerk.Conversions;

namespace Dub.Clerk.Analytics;

/// <summary>What events are grouped and filtered by: properties of their click. The number is part of the stored format.</summary>
internal enum Dimension
{
    Link = 0,
    Domain = 1,
    Continent = 2,
    Country = 3,
    Region = 4,
    City = 5,
    Device = 6,
    Browser = 7,
    Os = 8,
    Trigger = 9,
    Referer = 10,
    RefererUrl = 11,
    Url = 12,
    BaseUrl = 13,
    UtmSource = 14,
    UtmMedium = 15,
    UtmCampaign = 16,
    UtmTerm = 17,
    UtmContent = 18,
}

/// <summary>Dimensions whose sums are kept together. Names are part of the stored format.</summary>
internal enum DimensionGroup
{
    Links,

    /// <summary>Of few values.</summary>
    Visitors,

    /// <summary>Of many, which make their sums long.</summary>
    Pages,
}

/// <summary>The values of a click's dimensions, in Dub's words.</summary>
internal static class Dimensions
{
    /// <summary>For what is not known.</summary>
    public const string Unknown = "Unknown";

    /// <summary>The referrer of those who had none.</summary>
    public const string Direct = "(direct)";

    /// <summary>Between country, region and city, where a city is named.</summary>
    public const char Separator = '|';

    /// <summary>In characters. Longer ones are cut: nobody reads them, and visitors can make them up.</summary>
    private const int MaxLength = 500;

    public static readonly IReadOnlyList<Dimension> All = Enum.GetValues<Dimension>();

    public static DimensionGroup GroupOf(Dimension dimension) => dimension switch
    {
        Dimension.Link or Dimension.Domain => DimensionGroup.Links,
        Dimension.City or Dimension.Referer or Dimension.RefererUrl or Dimension.Url or Dimension.BaseUrl => DimensionGroup.Pages,
        _ => DimensionGroup.Visitors,
    };

    /// <summary>The value; empty where a click has none.</summary>
    public static string Of(Click click, Dimension dimension)
    {
        var value = Find(click, dimension);
        return value.Length > MaxLength ? value[..MaxLength] : value;
    }

    /// <summary>ISO 3166-2, such as <c>US-CA</c>.</summary>
    public static string RegionOf(Click click)
        => click.Region is null ? Unknown
            : click.Country is null || click.Region.StartsWith(click.Country + "-", StringComparison.Ordinal) ? click.Region
            : $"{click.Country}-{click.Region}";

    /// <summary>The host the visitor came from.</summary>
    public static string RefererOf(Click click) => WebAddress.TryParse(click.Referrer, out var referrer) ? referrer.Host : Direct;

    private static string Find(Click click, Dimension dimension) => dimension switch
    {
        Dimension.Link => click.LinkId,
        Dimension.Domain => click.Domain,
        Dimension.Continent => click.Continent ?? Unknown,
        Dimension.Country => click.Country ?? Unknown,
        Dimension.Region => RegionOf(click),
        Dimension.City => click.City is null ? Unknown : $"{click.Country ?? Unknown}{Separator}{RegionOf(click)}{Separator}{click.City}",
        Dimension.Device => click.Device ?? "Desktop",
        Dimension.Browser => click.Browser ?? Unknown,
        Dimension.Os => click.Os ?? Unknown,
        Dimension.Trigger => click.Trigger,
        Dimension.Referer => RefererOf(click),
        Dimension.RefererUrl => click.Referrer ?? Direct,
        Dimension.Url => click.Url,
        Dimension.BaseUrl => click.Url.Split('?', '#')[0],
        Dimension.UtmSource => UtmOf(click, "utm_source"),
        Dimension.UtmMedium => UtmOf(click, "utm_medium"),
        Dimension.UtmCampaign => UtmOf(click, "utm_campaign"),
        Dimension.UtmTerm => UtmOf(click, "utm_term"),
        _ => UtmOf(click, "utm_content"),
    };

    private static string UtmOf(Click click, string name)
    {
        var url = click.Url.AsSpan();
        var hash = url.IndexOf('#');
        url = hash < 0 ? url : url[..hash];
        var query = url[(url.IndexOf('?') + 1)..];
        foreach (var part in query.Split('&'))
        {
            var parameter = query[part];
            if (parameter.StartsWith(name, StringComparison.Ordinal) && parameter.Length > name.Length && parameter[name.Length] == '=')
            {
                return Uri.UnescapeDataString(parameter[(name.Length + 1)..].ToString().Replace('+', ' '));
            }
        }

        return string.Empty;
    }
}
