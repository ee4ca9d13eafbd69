namespace Dub.Clerk.SignUps;

/// <summary>The browser's half of a sign-up: a signed-in request carried a click, or something that is none.</summary>
internal sealed record Sighting
{
    /// <param name="userId">Who is signed in.</param>
    /// <param name="clickId">The click that counts.</param>
    /// <param name="earlierClickId">One that came before it, which counts where the other cannot have brought the user.</param>
    public Sighting(string userId, string clickId, string? earlierClickId = null)
        => (UserId, ClickId, EarlierClickId) = (userId, clickId, earlierClickId);

    /// <param name="userId">Who is signed in.</param>
    /// <param name="note">Why there is no click.</param>
    public Sighting(string userId, NoLeadReason note) => (UserId, Note) = (userId, note);

    public string UserId { get; }

    public string? ClickId { get; }

    public string? EarlierClickId { get; }

    public NoLeadReason Note { get; }

    /// <summary>What makes it the same sighting again. Somebody who agrees a moment later is not one who did not, and what is no click id, and
    /// may be any text, is not kept.</summary>
    public string Key => ClickId ?? Note.Code();
}
