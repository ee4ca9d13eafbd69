namespace Dub.Clerk.Host.Reconciliation;

/// <summary>How Clerk, the ledger and Dub can differ about a user.</summary>
internal enum DifferenceKind
{
    /// <summary>Clerk has the account and its webhook never came. Repair: as if it came now.</summary>
    WebhookMissing,

    /// <summary>There is a lead, and Clerk's user does not carry its click. Repair: it is written.</summary>
    MetadataMissing,

    /// <summary>There is a lead on a click of Dub's, and it was never on its way to Dub. Repair: it is sent.</summary>
    NotSent,

    /// <summary>The delivery to Dub was given up. Repair: it is tried again.</summary>
    GivenUp,

    /// <summary>Dub acknowledged the lead and does not have it. Repair: it is looked for for an hour, and sent again when Dub's key has expired.</summary>
    LostAtDub,

    /// <summary>Dub has a lead of that name and we have none: something else sends leads too. Not repaired.</summary>
    OnlyAtDub,
}

/// <summary>Something that is not as it should be.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Kind">What.</param>
/// <param name="Repaired">Whether it was mended, or its repair begun.</param>
internal sealed record Difference(string UserId, DifferenceKind Kind, bool Repaired);

/// <summary>What a reconciliation found.</summary>
/// <param name="Accounts">How many accounts of Clerk's were looked at.</param>
/// <param name="Leads">How many of them are leads here.</param>
/// <param name="OnTheirWay">How many of those are on their way to Dub.</param>
/// <param name="Differences">What is not as it should be.</param>
internal sealed record ReconciliationResult(int Accounts, int Leads, int OnTheirWay, IReadOnlyList<Difference> Differences);
