using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>A link as it stands in the form.</summary>
public sealed class LinkDraft
{
    public string Url { get; set; } = string.Empty;

    public string Domain { get; set; } = string.Empty;

    public string Key { get; set; } = string.Empty;

    public bool TrackConversion { get; set; }

    public string ExternalId { get; set; } = string.Empty;

    public string ExpiresAt { get; set; } = string.Empty;

    public string ExpiredUrl { get; set; } = string.Empty;

    public string Comments { get; set; } = string.Empty;

    public bool Archived { get; set; }

    public bool Disabled { get; set; }

    internal static LinkDraft Of(Link link) => new()
    {
        Url = link.Url,
        Domain = link.Domain,
        Key = link.Key,
        TrackConversion = link.TrackConversion,
        ExternalId = link.ExternalId ?? string.Empty,
        ExpiresAt = DubTime.Format(link.ExpiresAt) ?? string.Empty,
        ExpiredUrl = link.ExpiredUrl ?? string.Empty,
        Comments = link.Comments ?? string.Empty,
        Archived = link.Archived,
        Disabled = link.DisabledAt is not null,
    };

    /// <summary>As the API takes it: only what differs, so that what somebody else changed meanwhile stays.</summary>
    internal JsonElement ChangesFrom(LinkDraft before)
    {
        var changes = new JsonObject();
        Text("url", draft => draft.Url.Trim());
        Text("domain", draft => draft.Domain.Trim());
        Text("key", draft => draft.Key.Trim());
        Text("externalId", draft => draft.ExternalId.Trim());
        Text("expiresAt", draft => draft.ExpiresAt.Trim());
        Text("expiredUrl", draft => draft.ExpiredUrl.Trim());
        Text("comments", draft => draft.Comments);
        Flag("trackConversion", draft => draft.TrackConversion);
        Flag("archived", draft => draft.Archived);
        Flag("disabled", draft => draft.Disabled);
        return JsonSerializer.SerializeToElement(changes);

        void Text(string name, Func<LinkDraft, string> read)
        {
            if (read(this) != read(before))
            {
                // No name of a link is empty: left empty it is drawn, or none.
                changes[name] = read(this) is { Length: > 0 } text ? text : null;
            }
        }

        void Flag(string name, Func<LinkDraft, bool> read)
        {
            if (read(this) != read(before))
            {
                changes[name] = read(this);
            }
        }
    }
}
