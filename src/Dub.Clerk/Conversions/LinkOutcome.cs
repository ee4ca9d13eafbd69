namespace Dub.Clerk.Conversions;

/// <summary>What became of a link to write.</summary>
internal enum LinkOutcome
{
    Written,

    /// <summary>There is no such link.</summary>
    NotFound,

    /// <summary>Another link has this domain and key.</summary>
    KeyTaken,

    /// <summary>Another link has this external id.</summary>
    ExternalIdTaken,
}
