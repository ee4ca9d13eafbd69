namespace Dub.Clerk.Conversions;

/// <summary>What a link has brought.</summary>
internal readonly record struct LinkCounters(long Clicks, long Leads, DateTimeOffset? LastClicked);
