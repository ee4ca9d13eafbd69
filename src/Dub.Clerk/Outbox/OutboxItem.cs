namespace Dub.Clerk.Outbox;

/// <summary>Work that is durable but not yet done: a join to complete, or a lead's event to log.</summary>
/// <param name="Kind">Which handler does it.</param>
/// <param name="Subject">The user or event it is about.</param>
internal readonly record struct OutboxItem(string Kind, string Subject)
{
    public const string SignUpKind = "signup";
    public const string EventKind = "event";

    /// <summary>How long the caller who caused the work has to do it before the outbox does.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static OutboxItem ForSignUp(string userId) => new(SignUpKind, userId);

    public static OutboxItem ForEvent(string eventId) => new(EventKind, eventId);

    /// <summary>When the outbox takes the work over from a caller who has vanished, Unix milliseconds.</summary>
    public static long DueIfAbandoned(DateTimeOffset now) => (now + Grace).ToUnixTimeMilliseconds();

    public static OutboxItem Parse(string text)
        => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? new(text[..colon], text[(colon + 1)..]) : new(text, string.Empty);

    /// <summary>As it stands in the store.</summary>
    public override string ToString() => $"{Kind}:{Subject}";
}
