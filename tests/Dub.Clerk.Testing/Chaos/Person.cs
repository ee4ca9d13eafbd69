using System.Text.Json.Nodes;

namespace Dub.Clerk.Testing.Chaos;

/// <summary>Somebody with an account at Clerk, and what must become of it.</summary>
/// <param name="UserId"><c>user_…</c></param>
/// <param name="Kind">What makes the account one kind or another.</param>
/// <param name="ClickId">The click that this person made at Dub; null for none.</param>
/// <param name="CreatedAt">When the account was created.</param>
/// <param name="Before">Who signed up in the same browser before; null for a browser of one's own.</param>
internal sealed record Person(string UserId, PersonKind Kind, string? ClickId, DateTimeOffset CreatedAt, Person? Before = null)
{
    /// <summary>The click that the account must be credited to, once; null when it must not be credited at all.</summary>
    public string? Due => Kind == PersonKind.SignUp ? ClickId : null;

    /// <summary>What the app keeps in the account, and nobody else may touch.</summary>
    public JsonObject Metadata => new() { ["plan"] = "pro", ["workspace"] = new JsonObject { ["id"] = UserId[^6..], ["role"] = "owner" } };
}

internal enum PersonKind
{
    /// <summary>Clicks and signs up: one lead.</summary>
    SignUp,

    /// <summary>Signs up in the browser of somebody who clicked: no lead.</summary>
    SecondAccount,

    /// <summary>Has been a customer for long, clicks and signs in: no lead.</summary>
    ExistingUser,
}
