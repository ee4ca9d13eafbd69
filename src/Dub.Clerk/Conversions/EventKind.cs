namespace Dub.Clerk.Conversions;

/// <summary>What the event log has. The names in lower case are those of its keys.</summary>
internal enum EventKind
{
    Clicks,
    Leads,
    Sales,
}
