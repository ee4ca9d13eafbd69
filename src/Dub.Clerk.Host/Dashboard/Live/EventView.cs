using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;
using Microsoft.AspNetCore.WebUtilities;

namespace Dub.Clerk.Host.Dashboard.Live;

/// <summary>Which events somebody looks at, as the address of the page has it.</summary>
internal sealed record EventView
{
    public const string KindField = "event";
    public const string LinkField = "link";
    public const string UserField = "user";

    /// <summary>None stands for all.</summary>
    public EventKind? Kind { get; init; }

    /// <summary>A short link, with or without its scheme, or a link's id.</summary>
    public string? Link { get; init; }

    /// <summary>The customer's external id: for a sign-up the Clerk user id.</summary>
    public string? User { get; init; }

    public bool IsEverything => Kind is null && Link is null && User is null;

    public IReadOnlyCollection<EventKind> Kinds => Kind is { } kind ? [kind] : Enum.GetValues<EventKind>();

    /// <summary>What is not a kind stands for all of them.</summary>
    public static EventView Of(string? kind, string? link, string? user) => new()
    {
        Kind = Enum.GetValues<EventKind>().Cast<EventKind?>().FirstOrDefault(one => EventIndex.NameOf(one!.Value) == kind),
        Link = Given(link),
        User = Given(user),
    };

    /// <summary>The address with this in its query.</summary>
    public string AddTo(string address) => QueryHelpers.AddQueryString(address, new Dictionary<string, string?>
    {
        [KindField] = Kind is { } kind ? EventIndex.NameOf(kind) : null,
        [LinkField] = Link,
        [UserField] = User,
    }.Where(field => field.Value is not null));

    private static string? Given(string? text) => text?.Trim() is { Length: > 0 } given ? given : null;
}

/// <summary>Finds what a view names.</summary>
internal sealed class EventViews(LinkStore links, CustomerStore customers)
{
    /// <returns>What the events must have; or, in words, why there are none.</returns>
    /// <exception cref="Store.StoreException">The store did not answer.</exception>
    public async Task<(EventFilter? Filter, string? Missing)> ResolveAsync(EventView view)
    {
        var filter = EventFilter.None;
        if (view.Link is { } name)
        {
            if (await FindLinkAsync(name) is not { } id)
            {
                return (null, $"There is no link {name}. Write it as its short link, such as go.example.com/hello.");
            }

            filter = filter with { Dimensions = [new DimensionFilter(Dimension.Link, new HashSet<string>([id], StringComparer.Ordinal))] };
        }

        if (view.User is { } user)
        {
            if (await customers.FindAsync(user) is not { } customer)
            {
                return (null, $"Nothing is recorded of {user}. A user is a customer from the first lead on.");
            }

            filter = filter with { Customer = customer };
        }

        return (filter, null);
    }

    /// <summary>The id of a link that is gone still names its events.</summary>
    private async Task<string?> FindLinkAsync(string name)
    {
        if (name.StartsWith("link_", StringComparison.Ordinal))
        {
            return name;
        }

        var text = name[(name.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + "://".Length : 0)..].Split('?', '#')[0].TrimEnd('/');
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (domain, key) = slash < 0 ? (text, Link.RootKey) : (text[..slash], text[(slash + 1)..]);
        return LinkAddress.NormalizeDomain(domain) is { Length: > 0 } normalized ? (await links.FindAsync(normalized, key))?.Id : null;
    }
}
