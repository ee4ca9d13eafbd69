using Dub.Clerk.Diagnostics;

namespace Dub.Clerk.Outbox;

/// <summary>Work that is durable but not yet done.</summary>
/// <param name="Kind">Which handler does it.</param>
/// <param name="Subject">The user or lead it is about.</param>
internal readonly record struct OutboxItem(string Kind, string Subject)
{
    /// <summary>Complete a join whose halves are both there.</summary>
    public const string SignUpKind = "signup";

    /// <summary>Tell Dub of a sale.</summary>
    public const string SaleKind = "sale";

    /// <summary>Tell Dub of a lead.</summary>
    public const string LeadKind = "lead";

    /// <summary>Ask Dub whether a sign-up's click exists.</summary>
    public const string ProofKind = "proof";

    /// <summary>Tell Clerk which click brought a user.</summary>
    public const string MetadataKind = "metadata";

    /// <summary>Ask Clerk for an account whose webhook has not come.</summary>
    public const string AccountKind = "account";

    /// <summary>Drop all that is kept of somebody.</summary>
    public const string EraseKind = "erase";

    /// <summary>Have Dub delete a customer.</summary>
    public const string ForgetKind = "forget";

    /// <summary>How long the caller who caused the work has to do it before the outbox does.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>When the outbox takes the work over from a caller who has vanished, Unix milliseconds.</summary>
    public static long DueIfAbandoned(DateTimeOffset now) => (now + Grace).ToUnixTimeMilliseconds();

    public static OutboxItem Parse(string text)
        => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? new(text[..colon], text[(colon + 1)..]) : new(text, string.Empty);

    /// <summary>As it stands in logs, which name nobody: what is about a user has a hash in place of the user's id.</summary>
    public string ForLog => Kind switch
    {
        LeadKind or SaleKind or ForgetKind => ToString(),
        ProofKind => $"{Kind}:{Pseudonym.Of(Subject.Split('/')[0])}",
        _ => $"{Kind}:{Pseudonym.Of(Subject)}",
    };

    /// <summary>As it stands in the store.</summary>
    public override string ToString() => $"{Kind}:{Subject}";
}
