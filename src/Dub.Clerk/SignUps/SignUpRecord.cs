using System.Collections.ObjectModel;
using System.Globalization;
using StackExchange.Redis;

namespace Dub.Clerk.SignUps;

/// <summary>A sign-up as the store holds it: two halves, and the verdict once there is one.</summary>
internal sealed record SignUpRecord
{
    /// <summary>Before the click id, in the name of the field that holds what Dub said of it.</summary>
    public const string ProofPrefix = "proof:";

    public long Revision { get; init; }

    public string? BrowserClick { get; init; }

    /// <summary>Came before <see cref="BrowserClick"/> in the same browser.</summary>
    public string? EarlierBrowserClick { get; init; }

    public DateTimeOffset? BrowserSeenAt { get; init; }

    public NoLeadReason BrowserNote { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public string? MetadataClick { get; init; }

    public NoLeadReason MetadataNote { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Avatar { get; init; }

    /// <summary>Since when name, address and picture are so.</summary>
    public DateTimeOffset? ProfileAt { get; init; }

    public string? State { get; init; }

    public NoLeadReason Reason { get; init; }

    public string? Detail { get; init; }

    public string? TrackedClick { get; init; }

    public string? LeadId { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The revision that the verdict was made on: a half that came later asks for a new one.</summary>
    public long DecidedRevision { get; init; }

    /// <summary>Whether there is more than a profile that came before its account.</summary>
    public bool IsKnown => CreatedAt is not null || BrowserClick is not null || BrowserNote != NoLeadReason.None;

    /// <summary>The clicks that either half named.</summary>
    public IEnumerable<string> Clicks => new[] { MetadataClick, BrowserClick, EarlierBrowserClick }.OfType<string>().Distinct();

    public bool IsTracked => State == SignUpStateText.Tracked;

    /// <summary>Dub is being asked about the click.</summary>
    public bool IsProving => State == SignUpStateText.Proving && DecidedRevision == Revision;

    /// <summary>Both halves are known and nothing has been made of them yet.</summary>
    public bool AwaitsDecision => this is { IsTracked: false, IsComplete: true, IsDecided: false, IsProving: false };

    /// <summary>What Dub said of clicks: a click, or nothing where it knows none.</summary>
    public IReadOnlyDictionary<string, string> Proofs { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public bool IsDecided => State == SignUpStateText.NotAttributed && DecidedRevision == Revision;

    /// <summary>Both halves are known, so that it can be decided.</summary>
    public bool IsComplete => CreatedAt is not null && (MetadataClick is not null || BrowserClick is not null);

    public static SignUpRecord Read(RedisResult fields)
    {
        var flat = (RedisValue[]?)fields ?? [];
        var entries = new HashEntry[flat.Length / 2];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new HashEntry(flat[2 * i], flat[(2 * i) + 1]);
        }

        return Read(entries);
    }

    public static SignUpRecord Read(HashEntry[] fields)
    {
        // They are few: looking through them costs less than a table of them.
        var names = Array.ConvertAll(fields, field => (string)field.Name!);
        var hasProofs = Array.Exists(names, name => name.StartsWith(ProofPrefix, StringComparison.Ordinal));
        return new SignUpRecord
        {
            Revision = Number("revision") ?? 0,
            BrowserClick = Text("browser_click"),
            EarlierBrowserClick = Text("browser_earlier_click"),
            BrowserSeenAt = Time("browser_seen_at"),
            BrowserNote = NoLeadReasonText.Parse(Text("browser_note")),
            CreatedAt = Time("created_at"),
            MetadataClick = Text("metadata_click"),
            MetadataNote = NoLeadReasonText.Parse(Text("metadata_note")),
            Name = Text("name"),
            Email = Text("email"),
            Avatar = Text("avatar"),
            ProfileAt = Time("profile_at"),
            State = Text("state"),
            DecidedRevision = Number("decided_revision") ?? 0,
            Reason = NoLeadReasonText.Parse(Text("reason")),
            Detail = Text("detail"),
            TrackedClick = Text("click"),
            LeadId = Text("lead"),
            DecidedAt = Time("decided_at"),
            Proofs = hasProofs ? ReadProofs(fields) : ReadOnlyDictionary<string, string>.Empty,
        };

        string? Text(string name) => Array.IndexOf(names, name) is >= 0 and var i && (string?)fields[i].Value is { Length: > 0 } text ? text : null;
        long? Number(string name) => Text(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
        DateTimeOffset? Time(string name) => Number(name) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    private static Dictionary<string, string> ReadProofs(HashEntry[] fields)
        => fields.Select(field => (Name: (string)field.Name!, Value: (string?)field.Value)).Where(field => field.Name.StartsWith(ProofPrefix, StringComparison.Ordinal))
            .ToDictionary(field => field.Name[ProofPrefix.Length..], field => field.Value ?? string.Empty, StringComparer.Ordinal);
}
